-- +goose Up

-- Policy: by site, category and article; the emergency switch wins over all of them, a storm only adds to what they say.
ALTER TABLE settings
	ADD COLUMN comments_emergency text NOT NULL DEFAULT '' CONSTRAINT settings_emergency_check CHECK (comments_emergency IN ('', 'premoderated', 'closed')),
	ADD COLUMN trust_after integer NOT NULL DEFAULT 0 CONSTRAINT settings_trust_after_check CHECK (trust_after BETWEEN 0 AND 1000),
	ADD COLUMN trust_days integer NOT NULL DEFAULT 90 CONSTRAINT settings_trust_days_check CHECK (trust_days BETWEEN 1 AND 3650),
	ADD COLUMN addresses_days integer NOT NULL DEFAULT 30 CONSTRAINT settings_addresses_days_check CHECK (addresses_days BETWEEN 0 AND 365),
	ADD COLUMN queue_alert integer NOT NULL DEFAULT 120 CONSTRAINT settings_queue_alert_check CHECK (queue_alert BETWEEN 0 AND 10080),
	ADD COLUMN second_opinions integer NOT NULL DEFAULT 0 CONSTRAINT settings_second_check CHECK (second_opinions BETWEEN 0 AND 10000),
	ADD COLUMN saved_reasons text[] NOT NULL DEFAULT '{}',
	ADD COLUMN storm_newcomers integer NOT NULL DEFAULT 60 CONSTRAINT settings_storm_check CHECK (storm_newcomers BETWEEN 0 AND 100000);
COMMENT ON COLUMN settings.storm_newcomers IS 'fewer people who never had a comment approved are no storm, however quiet an article was; 0: there are no storms';
COMMENT ON COLUMN settings.comments_emergency IS 'holds for the whole site whatever categories and articles say; empty: off';
COMMENT ON COLUMN settings.trust_after IS 'approvals within trust_days after which a person''s comments pass where the site or a category reads comments first; 0: nobody''s do';
COMMENT ON COLUMN settings.addresses_days IS 'days for which the network address of a comment is kept; 0: not at all';
COMMENT ON COLUMN settings.queue_alert IS 'minutes after which the oldest waiting comment is too old; 0: never';
COMMENT ON COLUMN settings.second_opinions IS 'one decision in so many comes back, blind, to a second moderator; 0: none';
COMMENT ON COLUMN settings.saved_reasons IS 'reasons for a rejection, offered beside those that come with the program';
CREATE OR REPLACE VIEW live_settings AS SELECT * FROM settings;

ALTER TABLE categories
	ADD COLUMN comments text NOT NULL DEFAULT 'default' CONSTRAINT categories_comments_check CHECK (comments IN ('default', 'open', 'premoderated', 'closed')),
	ADD COLUMN comments_close_days integer CONSTRAINT categories_close_check CHECK (comments_close_days >= 0);
COMMENT ON COLUMN categories.comments IS 'default: what the category above says, at last the site';
COMMENT ON COLUMN categories.comments_close_days IS 'days after publication; 0: never; null: what the category above says, at last the site';
CREATE OR REPLACE VIEW live_categories AS SELECT id, parent_id, slug, name, description, position, path, lineage, comments, comments_close_days FROM categories;

ALTER TABLE articles ADD COLUMN comments_close_days integer CONSTRAINT articles_close_check CHECK (comments_close_days >= 0);
COMMENT ON COLUMN articles.comments_close_days IS 'days after publication; 0: never; null: what its first category says, at last the site; open by hand wins over all';
CREATE OR REPLACE VIEW live_articles AS
SELECT id, uid, kind, record_head, live_version, public_state, first_public_at, updated_public_at, listed, noindex, comments, live, guid, path,
	live_headline AS headline, live_standfirst AS standfirst, live_kicker AS kicker, live_label AS label, live_language AS language, live_byline AS byline,
	live_category AS category_id, live_image AS image_id, live_image_alt AS image_alt, notice_kind, notice_number, notice_at, comments_close_days
FROM articles
WHERE public_state IN ('published', 'retracted') AND trashed_at IS NULL;

-- People.
ALTER TABLE commenters
	ADD COLUMN mailbox text NOT NULL DEFAULT '',
	ADD COLUMN confirmed_at timestamptz,
	ADD COLUMN always_held boolean NOT NULL DEFAULT false,
	ADD COLUMN notices_stopped_at timestamptz,
	ADD COLUMN confirm_sent_at timestamptz,
	ADD COLUMN link_sent_at timestamptz;
UPDATE commenters SET mailbox = lower(email);
CREATE INDEX commenters_mailbox_idx ON commenters (mailbox);
COMMENT ON COLUMN commenters.mailbox IS 'the e-mail as its provider reads it: lower case, no +tag; a ban holds for all addresses of one mailbox';
COMMENT ON COLUMN commenters.confirmed_at IS 'when somebody who reads its mail said so; notices go to no other address';
COMMENT ON COLUMN commenters.notices_stopped_at IS 'unsubscribed from all notices';
COMMENT ON COLUMN commenters.confirm_sent_at IS 'when the newest mail that asks for confirmation left, so that nobody is sent many';
COMMENT ON COLUMN commenters.link_sent_at IS 'when the newest mail with a link to one''s data left';

CREATE TABLE bans (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	commenter_id bigint REFERENCES commenters,
	mailbox      text,
	network      cidr,
	domain       text,
	until        timestamptz NOT NULL DEFAULT 'infinity',
	reason       text NOT NULL DEFAULT '',
	comment_id   bigint REFERENCES comments,
	hidden       bigint[] NOT NULL DEFAULT '{}',
	replaced     bigint[] NOT NULL DEFAULT '{}',
	by           bigint REFERENCES staff,
	at           timestamptz NOT NULL,
	lifted_at    timestamptz,
	lifted_by    bigint REFERENCES staff,
	CONSTRAINT bans_whom_check CHECK (num_nonnulls(mailbox, network, domain) >= 1)
);
COMMENT ON TABLE bans IS 'who may not comment: whoever fits the mailbox, the network or the domain of a row that stands';
COMMENT ON COLUMN bans.commenter_id IS 'the person it was made for; null when it was made for a network or domain, or they were erased';
COMMENT ON COLUMN bans.comment_id IS 'the comment it was made from';
COMMENT ON COLUMN bans.hidden IS 'ids of the decisions by which it hid earlier comments: lifting it by Undo takes them back';
COMMENT ON COLUMN bans.replaced IS 'ids of bans of the same person that it took the place of: Undo puts them back';
CREATE INDEX bans_mailbox_idx ON bans (mailbox) WHERE lifted_at IS NULL;
CREATE INDEX bans_domain_idx ON bans (domain) WHERE lifted_at IS NULL;
CREATE INDEX bans_network_idx ON bans USING gist (network inet_ops) WHERE lifted_at IS NULL;
CREATE INDEX bans_commenter_idx ON bans (commenter_id);
CREATE INDEX bans_comment_idx ON bans (comment_id);
CREATE INDEX bans_by_idx ON bans (by);
CREATE INDEX bans_lifted_by_idx ON bans (lifted_by);
INSERT INTO bans (commenter_id, mailbox, until, reason, at)
SELECT id, lower(email), banned_until, ban_reason, first_at FROM commenters WHERE banned_until IS NOT NULL;
ALTER TABLE commenters DROP COLUMN banned_until, DROP COLUMN ban_reason;

-- Comments.
ALTER TABLE comments
	ADD COLUMN pinned_at timestamptz,
	ADD COLUMN pinned_by bigint REFERENCES staff,
	ADD COLUMN newcomer boolean NOT NULL DEFAULT false,
	ADD COLUMN notify boolean NOT NULL DEFAULT false,
	ADD COLUMN told text NOT NULL DEFAULT '',
	ADD COLUMN appeal text NOT NULL DEFAULT '',
	ADD COLUMN appealed_at timestamptz,
	ADD COLUMN appeal_decision bigint;
COMMENT ON COLUMN comments.pinned_at IS 'stands first, in every order; first comments of a thread only';
COMMENT ON COLUMN comments.newcomer IS 'nothing under its e-mail had been approved when it came in';
COMMENT ON COLUMN comments.notify IS 'its writer wants to hear of answers, once their address is confirmed';
COMMENT ON COLUMN comments.told IS 'what the rule that refused it at the door says to its writer';
COMMENT ON COLUMN comments.appeal IS 'what its writer says against a rejection; once';
COMMENT ON COLUMN comments.appeal_decision IS 'the decision that it appeals against; null for one made by a rule alone';
CREATE INDEX comments_pinned_by_idx ON comments (pinned_by);
CREATE INDEX comments_newcomer_idx ON comments (article_id, posted_at) INCLUDE (commenter_id) WHERE newcomer;
CREATE INDEX comments_appeal_idx ON comments (appealed_at) WHERE appealed_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX comments_person_idx ON comments (commenter_id, posted_at DESC) WHERE commenter_id IS NOT NULL;
DROP INDEX comments_commenter_idx;
DROP INDEX comments_thread_idx;
CREATE INDEX comments_thread_idx ON comments (article_id, root_id, path, id) WHERE status = 'approved' AND erased_at IS NULL;
ALTER TABLE comment_addresses
	ADD COLUMN network cidr GENERATED ALWAYS AS (network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 64 END))) STORED,
	ADD COLUMN at timestamptz;
UPDATE comment_addresses r SET at = c.posted_at FROM comments c WHERE c.id = r.comment_id;
ALTER TABLE comment_addresses ALTER COLUMN at SET NOT NULL;
COMMENT ON COLUMN comment_addresses.network IS 'what is banned and counted: the /24 of an IPv4 address, the /64 of an IPv6 one';
CREATE INDEX comment_addresses_network_idx ON comment_addresses (network, at DESC);

ALTER TABLE comment_texts
	ADD COLUMN score real,
	ADD COLUMN telling jsonb,
	ADD COLUMN asked_at timestamptz;
COMMENT ON COLUMN comment_texts.asked_at IS 'when a service elsewhere was asked about it; null where none was';
-- The same text again; what is shorter is said by many. The index forgets a text that is erased.
CREATE INDEX comment_texts_said_idx ON comment_texts (hashtextextended(lower(body), 0), at DESC) WHERE length(body) >= 20;
COMMENT ON COLUMN comment_texts.score IS 'how likely spam, 0 to 1, when it came in; null where it wasn''t scored';
COMMENT ON COLUMN comment_texts.telling IS '[{"token", "weight"}]: what told most, the weight in log-odds towards spam';

ALTER TABLE hold_reasons
	ADD COLUMN text_id bigint REFERENCES comment_texts,
	ADD COLUMN rule_id bigint;
COMMENT ON COLUMN hold_reasons.text_id IS 'the text that it is about; null: the first';
COMMENT ON COLUMN hold_reasons.rule_id IS 'the row of rules that matched; null for what isn''t one. No foreign key: a rule may go, why stays';
CREATE INDEX hold_reasons_text_idx ON hold_reasons (text_id);
CREATE INDEX hold_reasons_rule_idx ON hold_reasons (rule, at DESC);

CREATE TABLE comment_threads (
	root_id    bigint PRIMARY KEY REFERENCES comments,
	article_id bigint NOT NULL REFERENCES articles,
	at         timestamptz NOT NULL,
	shown      integer NOT NULL,
	pinned_at  timestamptz
);
COMMENT ON TABLE comment_threads IS 'how many comments of each thread readers see, so that a page of a long discussion is found without counting it';
COMMENT ON COLUMN comment_threads.at IS 'when its first comment was posted';
COMMENT ON COLUMN comment_threads.pinned_at IS 'that of its first comment, as long as readers see it';
CREATE INDEX comment_threads_order_idx ON comment_threads (article_id, at, root_id) INCLUDE (shown) WHERE pinned_at IS NULL;
CREATE INDEX comment_threads_replied_idx ON comment_threads (article_id, shown DESC, at, root_id) WHERE pinned_at IS NULL;
CREATE INDEX comment_threads_pinned_idx ON comment_threads (article_id, pinned_at, root_id) WHERE pinned_at IS NOT NULL;
INSERT INTO comment_threads (root_id, article_id, at, shown)
SELECT r.id, r.article_id, r.posted_at, count(*)
FROM comments c JOIN comments r ON r.id = c.root_id
WHERE c.status = 'approved' AND c.erased_at IS NULL
GROUP BY r.id;

-- Rules.
CREATE TABLE rules (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind          text NOT NULL CONSTRAINT rules_kind_check CHECK (kind IN ('words', 'links', 'first', 'capitals', 'duplicate', 'fast', 'flood', 'spam')),
	name          text NOT NULL CONSTRAINT rules_name_check CHECK (length(name) BETWEEN 1 AND 120),
	act           text NOT NULL DEFAULT 'hold' CONSTRAINT rules_act_check CHECK (act IN ('hold', 'spam', 'reject')),
	words         text NOT NULL DEFAULT '',
	amount        double precision NOT NULL DEFAULT 0,
	seconds       integer NOT NULL DEFAULT 0 CONSTRAINT rules_seconds_check CHECK (seconds BETWEEN 0 AND 2592000),
	category_id   bigint REFERENCES categories,
	article_id    bigint REFERENCES articles,
	pass_trusted  boolean NOT NULL DEFAULT false,
	told          text NOT NULL DEFAULT '',
	active        boolean NOT NULL DEFAULT false,
	made_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
	changed_by    bigint REFERENCES staff,
	changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
	tried_at      timestamptz,
	deleted_at    timestamptz
);
COMMENT ON COLUMN rules.words IS 'one a line: whole words or phrases, any case, accents count as their letter, a star stands for any ending';
COMMENT ON COLUMN rules.amount IS 'links, duplicate: more than so many hold; capitals: share, 0 to 1; flood: comments within seconds; spam: score, 0 to 1';
COMMENT ON COLUMN rules.seconds IS 'fast: since the same person''s last comment; flood, duplicate: the span';
COMMENT ON COLUMN rules.category_id IS 'with what is below it; with article_id null as well: everywhere';
CREATE INDEX rules_category_idx ON rules (category_id);
CREATE INDEX rules_article_idx ON rules (article_id);
CREATE INDEX rules_changed_by_idx ON rules (changed_by);
INSERT INTO rules (kind, name, act, amount, seconds, pass_trusted, active) VALUES
	('first', 'First comment', 'hold', 0, 0, false, true),
	('links', 'More than one link', 'hold', 1, 0, false, true),
	('duplicate', 'Same text elsewhere', 'hold', 0, 86400, false, true),
	('capitals', 'Mostly capitals', 'hold', 0.7, 0, true, true),
	('fast', 'Two in ten seconds', 'hold', 0, 10, false, true),
	('flood', 'Many from one network', 'hold', 15, 3600, false, true),
	('spam', 'Spam score', 'hold', 0.8, 0, false, true);

-- What intake keeps in memory is out of date when its number here is another.
CREATE TABLE intake_versions (
	one   boolean PRIMARY KEY DEFAULT true CONSTRAINT intake_versions_one_check CHECK (one),
	rules bigint NOT NULL DEFAULT 1,
	names bigint NOT NULL DEFAULT 1
);
INSERT INTO intake_versions DEFAULT VALUES;
COMMENT ON COLUMN intake_versions.rules IS 'changes with every rule';
COMMENT ON COLUMN intake_versions.names IS 'changes with every name of staff, authors and the site, which guests can''t take';
-- +goose StatementBegin
CREATE FUNCTION names_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE intake_versions SET names = names + 1;
	RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER staff_names AFTER INSERT OR DELETE OR UPDATE OF name ON staff FOR EACH STATEMENT EXECUTE FUNCTION names_changed();
CREATE TRIGGER authors_names AFTER INSERT OR DELETE OR UPDATE OF name ON authors FOR EACH STATEMENT EXECUTE FUNCTION names_changed();
CREATE TRIGGER settings_names AFTER UPDATE OF title ON settings FOR EACH STATEMENT EXECUTE FUNCTION names_changed();

CREATE TABLE storms (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id bigint NOT NULL REFERENCES articles,
	newcomers  integer NOT NULL,
	usual      double precision NOT NULL,
	began_at   timestamptz NOT NULL,
	seen_at    timestamptz NOT NULL,
	ended_at   timestamptz,
	ended_by   bigint REFERENCES staff
);
COMMENT ON TABLE storms IS 'times in which far more newcomers than usual wrote under an article, so that all is read before it appears and nobody writes twice in a quarter of an hour';
COMMENT ON COLUMN storms.newcomers IS 'in the ten minutes in which it began, where usual is what ten minutes had before';
COMMENT ON COLUMN storms.seen_at IS 'when it was last looked whether it goes on';
CREATE UNIQUE INDEX storms_article_key ON storms (article_id) WHERE ended_at IS NULL;
CREATE INDEX storms_article_idx ON storms (article_id, began_at DESC);
CREATE INDEX storms_ended_by_idx ON storms (ended_by);
CREATE VIEW live_storms AS SELECT article_id, began_at FROM storms WHERE ended_at IS NULL;

-- Spam.
CREATE TABLE spam_tokens (
	token text PRIMARY KEY,
	ham   integer NOT NULL DEFAULT 0 CONSTRAINT spam_tokens_ham_check CHECK (ham >= 0),
	spam  integer NOT NULL DEFAULT 0 CONSTRAINT spam_tokens_spam_check CHECK (spam >= 0)
);
CREATE TABLE spam_totals (
	one  boolean PRIMARY KEY DEFAULT true CONSTRAINT spam_totals_one_check CHECK (one),
	ham  integer NOT NULL DEFAULT 0,
	spam integer NOT NULL DEFAULT 0
);
INSERT INTO spam_totals DEFAULT VALUES;
CREATE TABLE spam_lessons (
	comment_id bigint PRIMARY KEY REFERENCES comments,
	spam       boolean NOT NULL,
	tokens     text[] NOT NULL
);
COMMENT ON TABLE spam_tokens IS 'in how many comments that people approved or called spam each token stood';
COMMENT ON TABLE spam_totals IS 'how many comments were learned from';
COMMENT ON TABLE spam_lessons IS 'what was learned from a comment, to the token, so that an undone decision or an erased comment is unlearned';

-- The queue.
CREATE UNLOGGED TABLE comment_claims (
	comment_id bigint PRIMARY KEY REFERENCES comments,
	staff_id   bigint NOT NULL REFERENCES staff,
	until      timestamptz NOT NULL
);
CREATE INDEX comment_claims_staff_idx ON comment_claims (staff_id);
COMMENT ON TABLE comment_claims IS 'who has which comment before them in one-at-a-time mode, so that no two get the same; a crash may forget it';

CREATE TABLE second_opinions (
	decision_id bigint PRIMARY KEY REFERENCES decisions,
	comment_id  bigint NOT NULL REFERENCES comments,
	asked_at    timestamptz NOT NULL,
	act         text CONSTRAINT second_opinions_act_check CHECK (act IN ('approve', 'reject', 'spam')),
	by          bigint REFERENCES staff,
	at          timestamptz
);
CREATE INDEX second_opinions_open_idx ON second_opinions (asked_at, decision_id) WHERE at IS NULL;
CREATE INDEX second_opinions_comment_idx ON second_opinions (comment_id);
CREATE INDEX second_opinions_by_idx ON second_opinions (by);
COMMENT ON TABLE second_opinions IS 'decisions that a second moderator looks at without knowing the first; what they say changes nothing by itself';

ALTER TABLE decisions ADD COLUMN was_decided timestamptz;
COMMENT ON COLUMN decisions.was_decided IS 'comments.decided_at before it, which Undo puts back as well';
CREATE INDEX decisions_at_idx ON decisions (at DESC, id DESC);
CREATE INDEX decisions_person_idx ON decisions (by, at DESC);

-- Notices of replies, by mail.
CREATE TABLE reply_notices (
	comment_id   bigint PRIMARY KEY REFERENCES comments,
	commenter_id bigint NOT NULL REFERENCES commenters,
	due_at       timestamptz NOT NULL,
	taken_until  timestamptz,
	sent_at      timestamptz
);
CREATE INDEX reply_notices_commenter_idx ON reply_notices (commenter_id, due_at) WHERE sent_at IS NULL;
CREATE INDEX reply_notices_sent_idx ON reply_notices (commenter_id, sent_at DESC) WHERE sent_at IS NOT NULL;
COMMENT ON TABLE reply_notices IS 'an approved reply of which the writer of what it answers is told; comment_id is the reply';
COMMENT ON COLUMN reply_notices.taken_until IS 'somebody is just sending it, and died over it when that time has passed';

-- Alerts to members of the newsroom.
CREATE TABLE alerts (
	what text NOT NULL,
	id   bigint NOT NULL,
	at   timestamptz NOT NULL,
	PRIMARY KEY (what, id)
);
COMMENT ON TABLE alerts IS 'of what the newsroom has been told, so that it is told once';

-- Reports of comments by readers.
CREATE TABLE comment_reports (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	comment_id     bigint NOT NULL REFERENCES comments,
	text_id        bigint REFERENCES comment_texts,
	reason         text NOT NULL CONSTRAINT comment_reports_reason_check CHECK (reason IN ('abuse', 'hate', 'spam', 'private', 'false', 'other', 'illegal')),
	ground         text NOT NULL DEFAULT '',
	detail         text NOT NULL DEFAULT '',
	name           text NOT NULL DEFAULT '',
	email          text NOT NULL DEFAULT '',
	token_hash     bytea NOT NULL CONSTRAINT comment_reports_token_key UNIQUE,
	source         bytea,
	hidden         boolean NOT NULL DEFAULT false,
	at             timestamptz NOT NULL,
	decided_at     timestamptz,
	decided_by     bigint REFERENCES staff,
	upheld         boolean,
	answer         text NOT NULL DEFAULT '',
	appeal         text NOT NULL DEFAULT '',
	appealed_at    timestamptz,
	appeal_at      timestamptz,
	appeal_by      bigint REFERENCES staff,
	appeal_upheld  boolean,
	appeal_answer  text NOT NULL DEFAULT '',
	decision_id    bigint REFERENCES decisions,
	erased_at      timestamptz
);
CREATE INDEX comment_reports_comment_idx ON comment_reports (comment_id);
CREATE INDEX comment_reports_open_idx ON comment_reports (at, id) WHERE decided_at IS NULL OR (appealed_at IS NOT NULL AND appeal_at IS NULL);
CREATE INDEX comment_reports_decided_idx ON comment_reports (decided_at DESC, id DESC) WHERE decided_at IS NOT NULL;
CREATE INDEX comment_reports_decision_idx ON comment_reports (decision_id);
CREATE INDEX comment_reports_text_idx ON comment_reports (text_id);
CREATE INDEX comment_reports_email_idx ON comment_reports (lower(email)) WHERE email <> '';
CREATE INDEX comment_reports_decided_by_idx ON comment_reports (decided_by);
CREATE INDEX comment_reports_appeal_by_idx ON comment_reports (appeal_by);
COMMENT ON COLUMN comment_reports.ground IS 'of illegal content: which law, in the reader''s words';
COMMENT ON COLUMN comment_reports.upheld IS 'the comment was removed for it';
COMMENT ON COLUMN comment_reports.source IS 'keyed hash of the comment and the address it came from: tells how many different people reported one comment and nothing else; kept as long as addresses are';
COMMENT ON COLUMN comment_reports.hidden IS 'a machine filled in the field that people don''t see: its receipt says that it waits, and nobody is bothered with it';
COMMENT ON COLUMN comment_reports.decision_id IS 'the decision that removed the comment: taking it back opens the report, or its appeal, again';

-- Errors that readers report in articles.
CREATE TABLE error_reports (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id   bigint NOT NULL REFERENCES articles,
	version      integer NOT NULL DEFAULT 0,
	quote        text NOT NULL DEFAULT '',
	body         text NOT NULL,
	name         text NOT NULL DEFAULT '',
	email        text NOT NULL DEFAULT '',
	credit       boolean NOT NULL DEFAULT false,
	comment_id   bigint REFERENCES comments,
	sent_by      bigint REFERENCES staff,
	token_hash   bytea NOT NULL CONSTRAINT error_reports_token_key UNIQUE,
	status       text NOT NULL DEFAULT 'open' CONSTRAINT error_reports_status_check CHECK (status IN ('open', 'checking', 'corrected', 'declined')),
	reason       text NOT NULL DEFAULT '',
	publication  integer,
	was          text NOT NULL DEFAULT '',
	hidden       boolean NOT NULL DEFAULT false,
	at           timestamptz NOT NULL,
	changed_at   timestamptz NOT NULL,
	changed_by   bigint REFERENCES staff,
	erased_at    timestamptz,
	CONSTRAINT error_reports_publication_fk FOREIGN KEY (article_id, publication) REFERENCES publications (article_id, number)
);
CREATE INDEX error_reports_article_idx ON error_reports (article_id, id);
CREATE INDEX error_reports_status_idx ON error_reports (status, at, id);
CREATE INDEX error_reports_email_idx ON error_reports (lower(email)) WHERE email <> '';
CREATE INDEX error_reports_comment_idx ON error_reports (comment_id);
CREATE INDEX error_reports_sent_by_idx ON error_reports (sent_by);
CREATE INDEX error_reports_changed_by_idx ON error_reports (changed_by);
CREATE INDEX error_reports_publication_idx ON error_reports (article_id, publication);
COMMENT ON COLUMN error_reports.was IS 'the status before the newest act, to which Undo goes back; empty where there is nothing to take back';
COMMENT ON COLUMN error_reports.hidden IS 'a machine filled in the field that people don''t see: its receipt says that it waits, and nobody is bothered with it';
COMMENT ON COLUMN error_reports.version IS 'number in the article''s record that the reader had before them; 0 unknown';
COMMENT ON COLUMN error_reports.credit IS 'may be named beside the correction; the name stands here alone and vanishes with it';
COMMENT ON COLUMN error_reports.comment_id IS 'the comment that a moderator sent here; the credit is then its writer''s name, as long as readers see the comment';
COMMENT ON COLUMN error_reports.publication IS 'the correction in the article''s record that answers it';
CREATE VIEW live_credits AS
SELECT e.article_id, e.publication AS number, CASE WHEN e.comment_id IS NULL THEN e.name ELSE c.name END AS name, c.id AS comment_id, e.id
FROM error_reports e
JOIN articles a ON a.id = e.article_id
LEFT JOIN comments c ON c.id = e.comment_id AND c.status = 'approved' AND c.erased_at IS NULL
WHERE e.status = 'corrected' AND e.publication IS NOT NULL AND e.erased_at IS NULL
	AND (e.comment_id IS NULL AND e.credit AND e.name <> '' OR c.id IS NOT NULL)
	AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;

CREATE OR REPLACE VIEW live_comments AS
SELECT c.id, c.article_id, c.parent_id, c.root_id, c.depth, c.path, c.version_number, c.name, c.posted_at, t.body, c.staff_id IS NOT NULL AS staff,
	EXISTS (SELECT FROM authors u JOIN article_authors l ON l.author_id = u.id WHERE u.staff_id = c.staff_id AND l.article_id = c.article_id) AS author,
	c.pinned_at
FROM comments c
JOIN comment_texts t ON t.id = c.shown_text
JOIN articles a ON a.id = c.article_id
WHERE c.status = 'approved' AND c.erased_at IS NULL AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;
-- As live_counts, these two say how many and where, nothing else, and are counted in tens of thousands: no join with articles here.
CREATE VIEW live_threads AS SELECT root_id, article_id, at, shown, pinned_at FROM comment_threads;
CREATE VIEW live_places AS SELECT id, article_id, root_id, path FROM comments WHERE status = 'approved' AND erased_at IS NULL;

-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON bans, comment_threads, rules, intake_versions, storms, spam_tokens, spam_totals, spam_lessons, comment_claims,
			second_opinions, reply_notices, alerts, comment_reports, error_reports TO stet_app;
		GRANT SELECT ON live_storms, live_credits, live_threads, live_places TO stet_app;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_storms, live_credits, live_threads, live_places TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP VIEW live_places, live_threads, live_credits, live_storms;
DROP VIEW live_comments;
DROP TABLE error_reports, comment_reports, alerts, reply_notices, second_opinions, comment_claims, spam_lessons, spam_totals, spam_tokens, storms;
DROP TRIGGER settings_names ON settings;
DROP TRIGGER authors_names ON authors;
DROP TRIGGER staff_names ON staff;
DROP FUNCTION names_changed();
DROP TABLE intake_versions, rules, comment_threads;
DROP INDEX decisions_person_idx, decisions_at_idx;
ALTER TABLE decisions DROP COLUMN was_decided;
ALTER TABLE comment_addresses DROP COLUMN at, DROP COLUMN network;
ALTER TABLE hold_reasons DROP COLUMN rule_id, DROP COLUMN text_id;
DROP INDEX hold_reasons_rule_idx;
DROP INDEX comment_texts_said_idx;
ALTER TABLE comment_texts DROP COLUMN asked_at, DROP COLUMN telling, DROP COLUMN score;
CREATE INDEX comments_commenter_idx ON comments (commenter_id);
DROP INDEX comments_person_idx;
DROP INDEX comments_thread_idx;
CREATE INDEX comments_thread_idx ON comments (article_id, root_id, path, id) WHERE status = 'approved';
ALTER TABLE comments DROP COLUMN appeal_decision, DROP COLUMN appealed_at, DROP COLUMN appeal, DROP COLUMN told, DROP COLUMN notify, DROP COLUMN newcomer,
	DROP COLUMN pinned_by, DROP COLUMN pinned_at;
ALTER TABLE commenters ADD COLUMN banned_until timestamptz, ADD COLUMN ban_reason text NOT NULL DEFAULT '';
UPDATE commenters m SET banned_until = b.until, ban_reason = b.reason FROM bans b WHERE b.commenter_id = m.id AND b.lifted_at IS NULL;
DROP TABLE bans;
ALTER TABLE commenters DROP COLUMN link_sent_at, DROP COLUMN confirm_sent_at, DROP COLUMN notices_stopped_at, DROP COLUMN always_held, DROP COLUMN confirmed_at,
	DROP COLUMN mailbox;
DROP VIEW live_settings, live_categories, live_articles;
ALTER TABLE articles DROP COLUMN comments_close_days;
ALTER TABLE categories DROP COLUMN comments_close_days, DROP COLUMN comments;
ALTER TABLE settings DROP COLUMN storm_newcomers, DROP COLUMN saved_reasons, DROP COLUMN second_opinions, DROP COLUMN queue_alert, DROP COLUMN addresses_days,
	DROP COLUMN trust_days, DROP COLUMN trust_after, DROP COLUMN comments_emergency;
CREATE VIEW live_articles AS
SELECT id, uid, kind, record_head, live_version, public_state, first_public_at, updated_public_at, listed, noindex, comments, live, guid, path,
	live_headline AS headline, live_standfirst AS standfirst, live_kicker AS kicker, live_label AS label, live_language AS language, live_byline AS byline,
	live_category AS category_id, live_image AS image_id, live_image_alt AS image_alt, notice_kind, notice_number, notice_at
FROM articles
WHERE public_state IN ('published', 'retracted') AND trashed_at IS NULL;
CREATE VIEW live_categories AS SELECT id, parent_id, slug, name, description, position, path, lineage FROM categories;
CREATE VIEW live_comments AS
SELECT c.id, c.article_id, c.parent_id, c.root_id, c.depth, c.path, c.version_number, c.name, c.posted_at, t.body, c.staff_id IS NOT NULL AS staff,
	EXISTS (SELECT FROM authors u JOIN article_authors l ON l.author_id = u.id WHERE u.staff_id = c.staff_id AND l.article_id = c.article_id) AS author
FROM comments c
JOIN comment_texts t ON t.id = c.shown_text
JOIN articles a ON a.id = c.article_id
WHERE c.status = 'approved' AND c.erased_at IS NULL AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;
CREATE VIEW live_settings AS SELECT * FROM settings;
-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON live_settings, live_articles, live_categories, live_comments TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_settings, live_articles, live_categories, live_comments TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd
