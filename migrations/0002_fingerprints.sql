CREATE TABLE `fingerprints` (
	`source_id` integer PRIMARY KEY NOT NULL,
	`value` blob NOT NULL,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
ALTER TABLE `sources` ADD `parser_version` integer;
--> statement-breakpoint
-- A source that comes back from a pause or a removal, or from another address, is read whole.
CREATE TRIGGER `fingerprints_forget` AFTER UPDATE OF `state`, `url` ON `sources`
WHEN new.`state` <> 'active' OR new.`url` <> old.`url`
BEGIN
	DELETE FROM `fingerprints` WHERE `source_id` = new.`id`;
END;
