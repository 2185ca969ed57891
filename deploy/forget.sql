-- What an answered request for deletion means in the database: everything that the map of personal data
-- (`personal_data.py` of each app) says goes, goes; rows that a public process needs stay, without their person.
--
--     psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -v accounts="12@2026-03-04T10:11:12Z" \
--         -v mailboxes="ada@example.org a@example.com" -v feedback="F-1 F-2" -f deploy/forget.sql
--         # with two roles as the owner, "$OWNER_URL"
--
-- `accounts`: whose they are, each by its number and the second in which it was made, as the page of the answer shows it.
-- Nothing else chooses an account: an address may have become another person's, and after a restore so may a number, but
-- not both that number and that second. One that is nobody's already is found again, one that is not here is left out.
-- `mailboxes`: addresses by which they have written without an account; mails and what follows by mail go with these,
-- never an account, and nothing of an address that is another account's. Those that their account has confirmed, and
-- those that word of a change in it went to or names, are found by themselves. `feedback`: references of texts that they
-- name, since nothing else leads from a person to one. Each may be "". Each run that changes anything is an entry of the
-- log, and so is each role that ends by it. It may run any number of times with the same (operation.md, "Deleting what is
-- kept about a person"). Before it is done it says whom it has found and how many rows it has changed; one that finds
-- nothing at all ends with an error, and nothing is changed.
BEGIN;

-- What the transaction has changed so far: nothing, unless somebody runs this within one of their own.
CREATE TEMPORARY TABLE gone_before AS
SELECT relid, n_tup_upd AS updated, n_tup_del AS deleted FROM pg_stat_xact_user_tables;

CREATE TEMPORARY TABLE gone_given AS
SELECT DISTINCT each AS account FROM regexp_split_to_table(:'accounts', '\s+') AS each WHERE each <> '';

DO $$
BEGIN
    IF EXISTS (SELECT FROM gone_given WHERE account !~ '^\d{1,18}@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$') THEN
        RAISE EXCEPTION 'an account is given as its number and the second in which it was made: nothing has been changed'
            USING HINT = 'Such as 12@2026-03-04T10:11:12Z; the page of the answer shows it.';
    END IF;
END
$$;

CREATE TEMPORARY TABLE gone AS
SELECT person.id, given.account, person.email = 'nobody-' || person.id || '@invalid' AS is_nobody
FROM gone_given AS given JOIN accounts_user AS person ON person.id = split_part(given.account, '@', 1)::bigint
WHERE date_trunc('second', person.date_joined) = split_part(given.account, '@', 2)::timestamptz
    OR person.email = 'nobody-' || person.id || '@invalid' AND person.date_joined = to_timestamp(0);

CREATE TEMPORARY TABLE gone_mailboxes AS
SELECT lower(each) AS mailbox FROM regexp_split_to_table(:'mailboxes', '\s+') AS each WHERE each <> ''
UNION SELECT lower(email) FROM accounts_user WHERE id IN (SELECT id FROM gone);

-- An address is whose it has been shown to be: anybody may type anybody's into the form that makes an account. Such a one
-- goes by itself within days.
CREATE TEMPORARY TABLE gone_others AS
SELECT lower(email) AS mailbox FROM accounts_user AS person WHERE id NOT IN (SELECT id FROM gone) AND (
    last_login IS NOT NULL
    OR EXISTS (SELECT FROM account_emailaddress WHERE verified AND user_id = person.id)
    OR EXISTS (SELECT FROM accounts_rolegrant WHERE user_id = person.id)
)
UNION SELECT lower(email) FROM account_emailaddress WHERE verified AND user_id NOT IN (SELECT id FROM gone);

CREATE TEMPORARY TABLE gone_left AS
SELECT mailbox FROM gone_mailboxes WHERE mailbox IN (SELECT mailbox FROM gone_others);

DELETE FROM gone_mailboxes WHERE mailbox IN (SELECT mailbox FROM gone_others);

INSERT INTO gone_mailboxes
SELECT lower(email) FROM account_emailaddress WHERE verified AND user_id IN (SELECT id FROM gone)
EXCEPT SELECT mailbox FROM gone_mailboxes;

-- Addresses that were theirs once: where their own notices went, and what these name. What is another account's by now is
-- its person's, and stays.
INSERT INTO gone_mailboxes
WITH RECURSIVE notice AS (
    SELECT lower(mailbox) AS mailbox, context ->> 'account' AS account, lower(each.value) AS named
    FROM notifications_outboxmessage
    LEFT JOIN LATERAL jsonb_each_text(context) AS each ON each.key IN ('added', 'before', 'after', 'removed')
        AND each.value <> ''
    WHERE kind LIKE 'account-%' OR kind LIKE 'role-%'
), known AS (
    SELECT mailbox FROM gone_mailboxes
    UNION
    SELECT found.mailbox FROM known
    JOIN notice ON notice.mailbox = known.mailbox OR notice.account IN (SELECT id::text FROM gone)
    CROSS JOIN LATERAL (VALUES (notice.mailbox), (notice.named)) AS found (mailbox)
    WHERE found.mailbox IS NOT NULL AND found.mailbox NOT IN (SELECT mailbox FROM gone_others)
        AND (notice.account IS NULL OR notice.account IN (SELECT id::text FROM gone))
)
SELECT mailbox FROM known EXCEPT SELECT mailbox FROM gone_mailboxes;

-- One whose account is gone has the address to which its answer goes.
CREATE TEMPORARY TABLE gone_requests AS
SELECT id FROM accounts_deletionrequest
WHERE user_id IN (SELECT id FROM gone) OR user_id IS NULL AND lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);

CREATE TEMPORARY TABLE gone_applications AS
SELECT id FROM recruitment_application WHERE applicant_id IN (SELECT id FROM gone);

CREATE TEMPORARY TABLE gone_references AS
SELECT each AS reference FROM regexp_split_to_table(:'feedback', '\s+') AS each WHERE each <> '';

CREATE TEMPORARY TABLE gone_items AS
SELECT id FROM feedback_feedbackitem
WHERE reference IN (SELECT reference FROM gone_references) OR author_id IN (SELECT id FROM gone);

-- What waits until its author follows the link of a mail. The address is in the mail alone, which goes with its mailbox.
CREATE TEMPORARY TABLE gone_waiting AS
SELECT id, said ->> 'reference' AS reference FROM feedback_feedbackunconfirmed
WHERE said ->> 'reference' IN (SELECT reference FROM gone_references);

-- Nothing but this may change what was submitted and sent; until the end of this transaction.
SELECT set_config('pgtrigger.ignore', array_agg(name)::text, true) FROM (
    SELECT unnest(ARRAY[tgname, relname || ':' || tgname]) AS name
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgname LIKE 'pgtrigger_append_only%' AND relname IN ('recruitment_snapshot', 'feedback_feedbackwording', 'feedback_feedbacktranslation')
       OR tgname LIKE 'pgtrigger_sent_stays%' AND relname = 'timeline_bulletin'
) AS triggers;

-- The account, and how its person signs in. The row stays as nobody's: applications and acts point to its number.
DELETE FROM account_emailaddress WHERE user_id IN (SELECT id FROM gone);
DELETE FROM mfa_authenticator WHERE user_id IN (SELECT id FROM gone);
DELETE FROM socialaccount_socialaccount WHERE user_id IN (SELECT id FROM gone);
INSERT INTO audit_entry (at, action, task_force_id, target_type, target_id, reason, details)
SELECT app_now(), 'role.removed', task_force_id, 'accounts.user', user_id, '', jsonb_build_object(
    'role', role, 'language', language, 'granted_by', granted_by_id,
    'granted_at', to_char(granted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00')
) FROM accounts_rolegrant WHERE user_id IN (SELECT id FROM gone);
DELETE FROM accounts_rolegrant WHERE user_id IN (SELECT id FROM gone);
-- Those too that they have answered under an address that is another's by now: the log knows who did.
DELETE FROM accounts_invitation WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes) OR id IN (
    SELECT target_id FROM audit_entry WHERE actor_id IN (SELECT id FROM gone)
        AND action IN ('invitation.accepted', 'invitation.declined') AND target_type = 'accounts.invitation'
);
-- The answer goes to where the person is now, as they want their mails, as long as it is still to come.
UPDATE accounts_deletionrequest AS request
SET user_id = NULL,
    mailbox = CASE request.mailbox WHEN '' THEN '' ELSE account.email END,
    language = CASE request.mailbox WHEN '' THEN '' ELSE account.language END,
    zone = CASE request.mailbox WHEN '' THEN '' ELSE account.zone END
FROM accounts_user AS account WHERE account.id = request.user_id AND request.user_id IN (SELECT id FROM gone);
UPDATE accounts_user
SET email = 'nobody-' || id || '@invalid', name = '', password = '!', language = 'en', zone = 'UTC', last_login = NULL,
    date_joined = to_timestamp(0), is_active = false, is_staff = false, is_superuser = false
WHERE id IN (SELECT id FROM gone WHERE NOT is_nobody);

-- Mails. One that is on its way this very moment is found by the second run.
DELETE FROM timeline_subscription
WHERE user_id IN (SELECT id FROM gone) OR lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);
DELETE FROM timeline_digestmark WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);
DELETE FROM notifications_outboxmessage
WHERE (lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes) OR context ->> 'account' IN (SELECT id::text FROM gone))
    AND state <> 'sending';
-- To others, but naming an address of theirs: such a mail has gone, and says no more what it said.
UPDATE notifications_outboxmessage SET context = '{}'
WHERE state NOT IN ('queued', 'sending') AND EXISTS (
    SELECT 1 FROM gone_mailboxes WHERE strpos(lower(context::text), to_json(gone_mailboxes.mailbox)::text) > 0
);
DELETE FROM notifications_suppression WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);

-- Applications and reviews. Here and below: what is empty already is not emptied again, since what changes nothing does
-- not count as done.
UPDATE recruitment_applicantidentity SET name = '', wiki_name = '', publish_name = false, publish_wiki_name = false,
    publish_region = false, publish_languages = false, publish_roles = false, publish_text = '', not_reviewers = '',
    typed = '{}', saved_at = NULL, submitted_digest = ''
WHERE application_id IN (SELECT id FROM gone_applications)
    AND (name <> '' OR wiki_name <> '' OR publish_text <> '' OR not_reviewers <> '' OR typed <> '{}' OR submitted_digest <> '' OR saved_at IS NOT NULL OR publish_name OR publish_wiki_name OR publish_region OR publish_languages OR publish_roles);
UPDATE recruitment_applicantdemographics SET gender = '', gender_words = '', age = '', affiliation = '',
    affiliation_words = '', experience = '', typed = '{}', saved_at = NULL, submitted_digest = ''
WHERE application_id IN (SELECT id FROM gone_applications)
    AND (gender <> '' OR gender_words <> '' OR age <> '' OR affiliation <> '' OR affiliation_words <> '' OR experience <> '' OR typed <> '{}' OR submitted_digest <> '' OR saved_at IS NOT NULL);
UPDATE recruitment_applicantprofile SET typed = '{}', saved_at = NULL, submitted_digest = ''
WHERE application_id IN (SELECT id FROM gone_applications)
    AND (typed <> '{}' OR saved_at IS NOT NULL OR submitted_digest <> '');
UPDATE recruitment_applicationanswers SET typed = '{}', saved_at = NULL, submitted_digest = ''
WHERE application_id IN (SELECT id FROM gone_applications)
    AND (typed <> '{}' OR saved_at IS NOT NULL OR submitted_digest <> '');
UPDATE recruitment_snapshot SET answers = '[]', profile = '{}', bound = '{}'
WHERE application_id IN (SELECT id FROM gone_applications) AND (answers <> '[]' OR profile <> '{}' OR bound <> '{}');
-- Nobody reviews what is empty: an application whose outcome was not told is taken back.
UPDATE recruitment_application SET state = 'withdrawn', withdrawn_at = app_now()
WHERE id IN (SELECT id FROM gone_applications) AND state IN ('draft', 'submitted') AND NOT EXISTS (
    SELECT 1 FROM recruitment_decision AS decision
    WHERE decision.application_id = recruitment_application.id AND decision.state = 'released'
);
UPDATE recruitment_application SET saved_form_key = '', saved_digest = '', mailbox_key = ''
WHERE id IN (SELECT id FROM gone_applications) AND (saved_form_key <> '' OR saved_digest <> '' OR mailbox_key <> '');
DELETE FROM recruitment_noreminders WHERE applicant_id IN (SELECT id FROM gone);
UPDATE recruitment_review SET note = '' WHERE reviewer_id IN (SELECT id FROM gone) AND note <> '';

-- Translations that were never saved.
DELETE FROM proposals_translationdraft WHERE user_id IN (SELECT id FROM gone);

-- Feedback.
DELETE FROM feedback_feedbackunconfirmed WHERE id IN (SELECT id FROM gone_waiting);
-- Where else they are told, nothing here can tell: those rows are sealed (`manage.py stop_telling`).
DELETE FROM feedback_toldmailbox WHERE item_id IN (SELECT id FROM gone_items);
UPDATE feedback_feedbackitem SET name = '', fingerprint = '{}', search_text = '', spoke = '', spoke_words = '',
    place_url = '', translated_text = ''
WHERE id IN (SELECT id FROM gone_items)
    AND (fingerprint <> '{}' OR concat(name, search_text, spoke, spoke_words, place_url, translated_text) <> '');
UPDATE feedback_feedbacktranslation SET texts = '{}'
WHERE item_id IN (SELECT id FROM gone_items) AND texts <> '{}';
UPDATE feedback_feedbacktranslation SET name = '' WHERE translator_id IN (SELECT id FROM gone) AND name <> '';
UPDATE feedback_feedbackanswer SET text = '', choices = '{}'
WHERE item_id IN (SELECT id FROM gone_items) AND (text <> '' OR choices <> '{}');
UPDATE feedback_feedbackitem AS item SET agreed = agreed - gone_agreed.many FROM (
    SELECT item_id, count(*) AS many FROM feedback_feedbackagreement
    WHERE user_id IN (SELECT id FROM gone) GROUP BY item_id
) AS gone_agreed WHERE item.id = gone_agreed.item_id;
DELETE FROM feedback_feedbackagreement WHERE user_id IN (SELECT id FROM gone);
UPDATE feedback_feedbackreply SET name = '', text = '', fingerprint = '{}'
WHERE author_id IN (SELECT id FROM gone) AND (name <> '' OR text <> '' OR fingerprint <> '{}');
UPDATE feedback_feedbackwording SET answers = '[]'
WHERE item_id IN (SELECT id FROM gone_items) AND answers <> '[]';
UPDATE feedback_feedbackappeal SET words = '' WHERE (
    item_id IN (SELECT id FROM gone_items)
    OR reply_id IN (SELECT id FROM feedback_feedbackreply WHERE author_id IN (SELECT id FROM gone))
) AND words <> '';

UPDATE feedback_feedbackitem SET poster = '' WHERE id IN (SELECT id FROM gone_items) AND poster <> '';
UPDATE feedback_feedbackblock SET user_id = NULL WHERE user_id IN (SELECT id FROM gone);
UPDATE feedback_feedbackreport SET reporter_id = NULL, words = '' WHERE reporter_id IN (SELECT id FROM gone);

-- What they have entered for others stays, and who entered it is nobody any more.
UPDATE feedback_feedbackitem SET entered_by_id = NULL WHERE entered_by_id IN (SELECT id FROM gone);
DELETE FROM feedback_sheetline WHERE sheet_id IN (
    SELECT id FROM feedback_sheet WHERE pasted_by_id IN (SELECT id FROM gone)
);
DELETE FROM feedback_sheet WHERE pasted_by_id IN (SELECT id FROM gone);

-- Names at what was done for all; the numbers beside them are nobody's now.
UPDATE announcements_member SET name = '', consented_at = NULL
WHERE user_id IN (SELECT id FROM gone) AND (name <> '' OR consented_at IS NOT NULL);
UPDATE notifications_hold SET actor_name = '' WHERE actor_id IN (SELECT id FROM gone) AND actor_name <> '';
UPDATE timeline_bulletin SET author_name = '' WHERE author_id IN (SELECT id FROM gone) AND author_name <> '';
UPDATE timeline_bulletin SET editor_name = '' WHERE editor_id IN (SELECT id FROM gone) AND editor_name <> '';
UPDATE timeline_bulletin SET second_name = '' WHERE second_id IN (SELECT id FROM gone) AND second_name <> '';

-- What came of it, by the counts that the database keeps of each transaction (`track_counts`, which is on by default).
CREATE TEMPORARY TABLE gone_counts AS
SELECT relname AS "table", n_tup_upd - coalesce(updated, 0) AS emptied, n_tup_del - coalesce(deleted, 0) AS deleted
FROM pg_stat_xact_user_tables LEFT JOIN gone_before USING (relid)
WHERE schemaname NOT LIKE 'pg_temp%'
    AND (n_tup_upd > coalesce(updated, 0) OR n_tup_del > coalesce(deleted, 0));

INSERT INTO audit_entry (at, action, target_type, target_id, reason, details)
SELECT app_now(), 'deletion.carried-out', CASE WHEN max(id) IS NULL THEN '' ELSE 'accounts.deletionrequest' END, max(id),
    '', '{}'
FROM gone_requests HAVING EXISTS (SELECT FROM gone_counts);

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM gone) AND NOT EXISTS (SELECT FROM gone_counts) THEN
        RAISE EXCEPTION 'nothing is kept under these accounts, addresses and references: nothing has been changed'
            USING HINT = 'Is there a typing error? An address that is an account''s finds nothing without that account. '
                'After an earlier run with the same ones, or in a backup from before them, nothing is left to do.';
    END IF;
END
$$;

SELECT account, CASE WHEN is_nobody THEN 'nobody''s already' WHEN is_nobody IS NULL THEN 'not here' ELSE 'found' END AS state
FROM gone_given LEFT JOIN gone USING (account) ORDER BY account;
SELECT (SELECT count(*) FROM gone_items) + (SELECT count(*) FROM gone_waiting) AS "texts of feedback",
    (SELECT string_agg(reference, ' ') FROM gone_references
     WHERE reference NOT IN (SELECT reference FROM feedback_feedbackitem UNION SELECT reference FROM gone_waiting)) AS "unknown references",
    (SELECT string_agg(mailbox, ' ' ORDER BY mailbox) FROM gone_left) AS "left, as another account's";
SELECT * FROM gone_counts ORDER BY "table";

DROP TABLE gone, gone_given, gone_others, gone_left, gone_mailboxes, gone_requests, gone_applications, gone_references,
    gone_items, gone_waiting, gone_before, gone_counts;
SELECT set_config('pgtrigger.ignore', '', true);
COMMIT;
