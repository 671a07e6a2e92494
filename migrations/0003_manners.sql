CREATE TABLE `full_texts` (
	`place` integer PRIMARY KEY NOT NULL,
	`quiet` integer NOT NULL,
	`text_before` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer,
	FOREIGN KEY (`place`) REFERENCES `items`(`place`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `full_texts_due` ON `full_texts` (`quiet`,`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE TABLE `hosts` (
	`host` text PRIMARY KEY NOT NULL,
	`spacing_ms` integer NOT NULL,
	`until` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `subscriptions` (
	`source_id` integer PRIMARY KEY NOT NULL,
	`hub` text NOT NULL,
	`token` text NOT NULL,
	`secret` text NOT NULL,
	`state` text NOT NULL,
	`lease_until` integer,
	`next_at` integer NOT NULL,
	`attempts` integer NOT NULL,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "subscriptions_state" CHECK("subscriptions"."state" in ('asked', 'active', 'refused'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `subscriptions_token_unique` ON `subscriptions` (`token`);--> statement-breakpoint
ALTER TABLE `items` ADD `full_content` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `page_rules` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `full_text` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `sources` ADD `access` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `rhythm` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `move` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `told` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `hub` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `pushed_until` integer;--> statement-breakpoint
CREATE INDEX `sources_hub` ON `sources` (`id`) WHERE state = 'active' and hub is not null;
--> statement-breakpoint
-- Their form has changed: each source is read whole once.
DELETE FROM `fingerprints`;
--> statement-breakpoint
DROP TRIGGER `fingerprints_forget`;
--> statement-breakpoint
-- A source that begins anew (after a pause or a removal, at another address somebody gave it, by other rules) is read
-- whole. One that was followed to where it has moved goes on as it was.
CREATE TRIGGER `fingerprints_forget` AFTER UPDATE OF `baseline_due` ON `sources`
WHEN new.`baseline_due` AND NOT old.`baseline_due`
BEGIN
	DELETE FROM `fingerprints` WHERE `source_id` = new.`id`;
END;
