-- The tokens of every item, as text.ts cut them: SQLite folds nothing and splits at spaces only.
-- rowid is the item's place, so the newest come first without a sort. No index of prefixes: it would cost a fifth of
-- every item, and a short prefix is found among the newest items, or is rare.
CREATE VIRTUAL TABLE `items_text` USING fts5(
	title, body, author, tag, url,
	content='', contentless_delete=1,
	tokenize="ascii tokenchars '+#@&.'"
);
--> statement-breakpoint
-- Merging in larger steps saves a sixth of the cost of an item.
INSERT INTO `items_text` (`items_text`, `rank`) VALUES ('automerge', 8);
--> statement-breakpoint
-- `instance` is any number that JavaScript holds exactly.
INSERT INTO `meta` (`name`, `value`) VALUES ('instance', random() & 9007199254740991), ('revision', 0), ('alerts_sent', 0), ('last_alert_at', 0), ('writes_checked', 0);
