CREATE TABLE `story_members` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`place` integer NOT NULL,
	`story` integer NOT NULL,
	`at` integer NOT NULL,
	`source_id` integer NOT NULL,
	`language` text NOT NULL,
	`url_key` integer NOT NULL,
	`signature` blob NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `story_members_at` ON `story_members` (`at`);--> statement-breakpoint
CREATE INDEX `story_members_place` ON `story_members` (`place`);--> statement-breakpoint
ALTER TABLE `hits` ADD `waits_for` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `quiet` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `items` ADD `leads` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `items_story` ON `items` (`story`,`place`,`source_id`) WHERE story <> place;--> statement-breakpoint
CREATE INDEX `items_shown` ON `items` (`place`) WHERE (story = place OR leads);--> statement-breakpoint
CREATE INDEX `items_language` ON `items` (`language`,`place`) WHERE language is not null;--> statement-breakpoint
CREATE INDEX `items_enclosed` ON `items` (`place`) WHERE enclosures <> '[]';--> statement-breakpoint
CREATE INDEX `items_astray` ON `items` (`place`,`published_at`,`first_seen_at`) WHERE abs(coalesce(published_at, first_seen_at) - place / 1000) > 86400000;--> statement-breakpoint
ALTER TABLE `messages` ADD `edit_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `edit_wanted` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `edit_ready_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `edit_tried_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `edit_attempts` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `edits` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `chats` ADD `edit_due_at` integer;--> statement-breakpoint
CREATE INDEX `chats_edits` ON `chats` (`kind`,`edit_due_at`) WHERE state = 'active' and waiting = 0 and edit_due_at is not null;--> statement-breakpoint
CREATE INDEX `messages_edits` ON `messages` (`chat`,`edit_at`) WHERE edit_at is not null;--> statement-breakpoint
CREATE INDEX `messages_external` ON `messages` (`chat`,`external_id`);--> statement-breakpoint
CREATE INDEX `alerts_carried` ON `alerts` (`story`) WHERE cancelled_at is null;--> statement-breakpoint
CREATE INDEX `alerts_waiting` ON `alerts` (`id`) WHERE message_id is null and cancelled_at is null;
--> statement-breakpoint
-- Where the item that began a story is gone, the earliest of those that joined stands for it.
CREATE TRIGGER `items_lead_after_delete` AFTER DELETE ON `items`
WHEN old.`story` = old.`place` OR old.`leads`
BEGIN
	UPDATE `items` SET `leads` = true
	WHERE `place` = (SELECT min(`place`) FROM `items` WHERE `story` = old.`story` AND `story` <> `place`);
END;
