-- What a group of polls brings is sorted and written once, at its commit: with SQLite's 1 MB a large group's text is written in
-- pieces, which cost their writing and again their merging.
INSERT INTO `items_text` (`items_text`, `rank`) VALUES ('hashsize', 4194304);
