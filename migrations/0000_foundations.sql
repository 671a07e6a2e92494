CREATE TABLE `alerts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`chat` text NOT NULL,
	`story` integer NOT NULL,
	`place` integer NOT NULL,
	`message_id` integer,
	`created_at` integer NOT NULL,
	`cancelled_at` integer,
	FOREIGN KEY (`chat`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_story` ON `alerts` (`chat`,`story`) WHERE cancelled_at is null;--> statement-breakpoint
CREATE INDEX `alerts_chat` ON `alerts` (`chat`,`id`);--> statement-breakpoint
CREATE INDEX `alerts_place` ON `alerts` (`place`);--> statement-breakpoint
CREATE INDEX `alerts_message` ON `alerts` (`message_id`);--> statement-breakpoint
CREATE TABLE `changes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`ref` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `chats` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`gone_reason` text,
	`gone_at` integer,
	`next_number` integer DEFAULT 1 NOT NULL,
	`waiting` integer DEFAULT false NOT NULL,
	`due_at` integer DEFAULT 0 NOT NULL,
	`ready_at` integer DEFAULT 0 NOT NULL,
	CONSTRAINT "chats_state" CHECK("chats"."state" in ('active', 'gone'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `chats_due` ON `chats` (`kind`,`due_at`) WHERE state = 'active' and waiting = 1;--> statement-breakpoint
CREATE TABLE `hits` (
	`alert_id` integer NOT NULL,
	`watch_id` integer NOT NULL,
	`words` text NOT NULL,
	`cancelled` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`alert_id`, `watch_id`),
	FOREIGN KEY (`alert_id`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`watch_id`) REFERENCES `watches`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `hits_watch` ON `hits` (`watch_id`);--> statement-breakpoint
CREATE TABLE `identities` (
	`source_id` integer NOT NULL,
	`key` blob NOT NULL,
	`place` integer NOT NULL,
	PRIMARY KEY(`source_id`, `key`),
	CONSTRAINT "identities_key" CHECK(length("identities"."key") = 32)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `items` (
	`place` integer PRIMARY KEY NOT NULL,
	`story` integer NOT NULL,
	`source_id` integer NOT NULL,
	`id` text,
	`url` text,
	`title` text NOT NULL,
	`published_at` integer,
	`updated_at` integer,
	`authors` text NOT NULL,
	`categories` text NOT NULL,
	`enclosures` text NOT NULL,
	`language` text,
	`first_seen_at` integer NOT NULL,
	`revision` integer DEFAULT 0 NOT NULL,
	`revised_at` integer,
	`content_key` text NOT NULL,
	`content` text,
	`summary` text,
	`text` text NOT NULL,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `items_source` ON `items` (`source_id`,`place`);--> statement-breakpoint
CREATE TABLE `messages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`chat` text NOT NULL,
	`state` text DEFAULT 'queued' NOT NULL,
	`total` integer NOT NULL,
	`html` text,
	`open_url` text,
	`plain` integer DEFAULT false NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`unknowns` integer DEFAULT 0 NOT NULL,
	`first_attempt_at` integer,
	`sent_at` integer,
	`external_id` text,
	`error` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`chat`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "messages_state" CHECK("messages"."state" in ('queued', 'sending', 'sent', 'parked', 'cancelled'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `messages_queue` ON `messages` (`chat`,`id`,`total`) WHERE state = 'queued';--> statement-breakpoint
CREATE UNIQUE INDEX `messages_sending` ON `messages` (`chat`) WHERE state = 'sending';--> statement-breakpoint
CREATE INDEX `messages_parked` ON `messages` (`id`,`total`) WHERE state = 'parked';--> statement-breakpoint
CREATE TABLE `meta` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `people` (
	`id` integer PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`since` integer NOT NULL,
	CONSTRAINT "people_role" CHECK("people"."role" in ('owner', 'stranger'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `sources` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`host` text NOT NULL,
	`given_title` text,
	`found_title` text,
	`site_url` text,
	`language` text,
	`format` text,
	`tags` text NOT NULL,
	`every_ms` integer,
	`state` text NOT NULL,
	`baseline_due` integer NOT NULL,
	`etag` text,
	`last_modified` text,
	`body_hash` text,
	`added_at` integer NOT NULL,
	`polled_at` integer,
	`succeeded_at` integer,
	`next_poll_at` integer NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`trouble` text,
	`lease_until` integer DEFAULT 0 NOT NULL,
	`poll_is_stale` integer DEFAULT false NOT NULL,
	`items` integer DEFAULT 0 NOT NULL,
	CONSTRAINT "sources_state" CHECK("sources"."state" in ('active', 'paused', 'removed'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `sources_url_unique` ON `sources` (`url`);--> statement-breakpoint
CREATE INDEX `sources_due` ON `sources` (`next_poll_at`) WHERE state = 'active';--> statement-breakpoint
CREATE TABLE `watches` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`chat` text NOT NULL,
	`number` integer NOT NULL,
	`query` text NOT NULL,
	`created_at` integer NOT NULL,
	`removed_at` integer,
	FOREIGN KEY (`chat`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `watches_number` ON `watches` (`chat`,`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `watches_query` ON `watches` (`chat`,`query`) WHERE removed_at is null;