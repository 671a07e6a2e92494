-- The tokens of every item, as text.ts cut them: SQLite folds nothing and splits at spaces only.
-- rowid is the item's place, so the newest come first without a sort. One character is a prefix query through the
-- index of two: an index of its own would cost a tenth of every item.
CREATE VIRTUAL TABLE `items_text` USING fts5(
	title, body, author, tag, url,
	content='', contentless_delete=1, prefix='2',
	tokenize="ascii tokenchars '+#@&.'"
);
--> statement-breakpoint
-- Merging in larger steps saves a sixth of the cost of an item.
INSERT INTO `items_text` (`items_text`, `rank`) VALUES ('automerge', 8);
--> statement-breakpoint
-- `instance` is any number that JavaScript holds exactly.
INSERT INTO `meta` (`name`, `value`) VALUES ('instance', random() & 9007199254740991), ('revision', 0), ('alerts_sent', 0), ('last_alert_at', 0), ('writes_checked', 0);
