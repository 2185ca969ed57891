-- What an answered request for deletion means in the database: everything that the map of personal data
-- (`personal_data.py` of each app) says goes, goes; rows that a public process needs stay, without their person.
--
--     psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -v mailboxes="ada@example.org a@example.com" -v feedback="F-1 F-2" \
--         -f deploy/forget.sql
--
-- `mailboxes`: every address by which the person has shown to be known; those that their account has confirmed are
-- found by themselves. `feedback`: references of texts that they name, since nothing else leads from a person to one;
-- "" is none. It may run any number of times (operation.md, "Deleting what is kept about a person").
BEGIN;

CREATE TEMPORARY TABLE gone_mailboxes AS
SELECT lower(each) AS mailbox FROM regexp_split_to_table(:'mailboxes', '\s+') AS each WHERE each <> '';

CREATE TEMPORARY TABLE gone AS
SELECT id FROM accounts_user WHERE lower(email) IN (SELECT mailbox FROM gone_mailboxes)
UNION SELECT user_id FROM account_emailaddress WHERE verified AND lower(email) IN (SELECT mailbox FROM gone_mailboxes);

INSERT INTO gone_mailboxes
SELECT lower(email) FROM accounts_user WHERE id IN (SELECT id FROM gone)
UNION SELECT lower(email) FROM account_emailaddress WHERE verified AND user_id IN (SELECT id FROM gone);

CREATE TEMPORARY TABLE gone_applications AS
SELECT id FROM recruitment_application WHERE applicant_id IN (SELECT id FROM gone);

CREATE TEMPORARY TABLE gone_items AS
SELECT id FROM feedback_feedbackitem WHERE reference IN (SELECT regexp_split_to_table(:'feedback', '\s+'));

-- Nothing but this may change what was submitted and sent; until the end of this transaction.
SELECT set_config('pgtrigger.ignore', array_agg(name)::text, true) FROM (
    SELECT unnest(ARRAY[tgname, relname || ':' || tgname]) AS name
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgname LIKE 'pgtrigger_append_only%' AND relname = 'recruitment_snapshot'
       OR tgname LIKE 'pgtrigger_sent_stays%' AND relname = 'timeline_bulletin'
) AS triggers;

-- The account, and how its person signs in. The row stays as nobody's: applications and acts point to its number.
DELETE FROM account_emailaddress WHERE user_id IN (SELECT id FROM gone);
DELETE FROM mfa_authenticator WHERE user_id IN (SELECT id FROM gone);
DELETE FROM socialaccount_socialaccount WHERE user_id IN (SELECT id FROM gone);
DELETE FROM accounts_rolegrant WHERE user_id IN (SELECT id FROM gone);
DELETE FROM accounts_invitation WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);
UPDATE accounts_deletionrequest SET user_id = NULL WHERE user_id IN (SELECT id FROM gone);
UPDATE accounts_user
SET email = 'nobody-' || id || '@invalid', name = '', password = '!', language = 'en', zone = 'UTC', last_login = NULL,
    date_joined = to_timestamp(0), is_active = false, is_staff = false, is_superuser = false
WHERE id IN (SELECT id FROM gone);

-- Mails. One that is on its way this very moment is found by the second run.
DELETE FROM timeline_subscription
WHERE user_id IN (SELECT id FROM gone) OR lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);
DELETE FROM timeline_digestmark WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);
DELETE FROM notifications_outboxmessage
WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes) AND state <> 'sending';
DELETE FROM notifications_suppression WHERE lower(mailbox) IN (SELECT mailbox FROM gone_mailboxes);

-- Applications and reviews.
UPDATE recruitment_applicantidentity SET name = '', publish_name = false
WHERE application_id IN (SELECT id FROM gone_applications);
DELETE FROM recruitment_applicationanswer WHERE application_id IN (SELECT id FROM gone_applications);
UPDATE recruitment_snapshot SET answers = '[]' WHERE application_id IN (SELECT id FROM gone_applications);
UPDATE recruitment_application SET saved_form_key = '', saved_digest = '' WHERE id IN (SELECT id FROM gone_applications);
UPDATE recruitment_review SET note = '' WHERE reviewer_id IN (SELECT id FROM gone);

-- Feedback.
UPDATE feedback_feedbackitem SET name = '', fingerprint = '{}' WHERE id IN (SELECT id FROM gone_items);
UPDATE feedback_feedbackanswer SET text = '', choice = '' WHERE item_id IN (SELECT id FROM gone_items);

-- Names at what was done for all; the numbers beside them are nobody's now.
UPDATE announcements_member SET name = '', consented_at = NULL WHERE user_id IN (SELECT id FROM gone);
UPDATE notifications_hold SET actor_name = '' WHERE actor_id IN (SELECT id FROM gone);
UPDATE timeline_bulletin SET author_name = '' WHERE author_id IN (SELECT id FROM gone);
UPDATE timeline_bulletin SET editor_name = '' WHERE editor_id IN (SELECT id FROM gone);
UPDATE timeline_bulletin SET second_name = '' WHERE second_id IN (SELECT id FROM gone);

DROP TABLE gone, gone_mailboxes, gone_applications, gone_items;
SELECT set_config('pgtrigger.ignore', '', true);
COMMIT;
