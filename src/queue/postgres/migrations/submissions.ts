// The second step of the schema: what applications hand over inside their own transactions, and the function they do it with.

/**
 * - `submissions`: requests that no node has composed yet. `lane` is the position in `lanes`. `due_at` is when a node may
 *   take it up: at once, when another node's lease on it ends, or later when it could not be composed then.
 * - `send`: runs as the owner of the schema, for roles that may do nothing else there. Its search_path is pinned, with
 *   temporary tables last: whatever names the caller has put into its own path lead nowhere. The id is a UUID of version 7
 *   (RFC 9562 §5.7), made by hand as PostgreSQL has it only since 18. The largest request is what `POST /emails` takes:
 *   35 MiB in base64, and 1 MiB for the rest.
 */
export const submissionTables = `
CREATE TABLE submissions (
  id uuid PRIMARY KEY,
  lane smallint NOT NULL,
  origin text NOT NULL,
  mail text NOT NULL,
  size integer NOT NULL,
  submitted_at bigint NOT NULL,
  due_at bigint NOT NULL,
  tries integer NOT NULL
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX submissions_due ON submissions (lane, due_at, id);

CREATE FUNCTION send(mail jsonb, idempotency_key text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $send$
DECLARE
  largest CONSTANT integer := 49982123;
  sent_at CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  -- Random bits of version 4, the time in front of them, and the bits that make it version 7.
  new_id CONSTANT uuid := encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(sent_at) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
    'hex')::uuid;
  sender CONSTANT text := 'sql:' || session_user;
  body CONSTANT text := send.mail::text;
  wanted_lane CONSTANT integer := array_position(ARRAY['urgent', 'normal', 'bulk'],
    CASE WHEN send.mail ? 'lane' THEN send.mail ->> 'lane' ELSE 'normal' END) - 1;
  hash text;
  earlier record;
BEGIN
  IF send.mail IS NULL OR jsonb_typeof(send.mail) <> 'object' THEN
    RAISE EXCEPTION USING ERRCODE = '22023',
      MESSAGE = format('mail has to be a JSON object; it is %s', coalesce(jsonb_typeof(send.mail), 'NULL')),
      HINT = 'Give what POST /emails takes, such as {"to": "ada@example.net", "subject": "Hello", "text": "..."}.';
  END IF;
  IF octet_length(body) > largest THEN
    RAISE EXCEPTION USING ERRCODE = '22023',
      MESSAGE = format('mail has %s bytes of JSON; %s are allowed', octet_length(body), largest),
      HINT = 'Send a link to the file instead of the file.';
  END IF;
  IF NOT coalesce(CASE jsonb_typeof(send.mail -> 'to')
    WHEN 'string' THEN btrim(send.mail ->> 'to') <> ''
    WHEN 'array' THEN jsonb_array_length(send.mail -> 'to') > 0 AND NOT EXISTS (
      SELECT FROM jsonb_array_elements(send.mail -> 'to') AS one (address)
      WHERE jsonb_typeof(one.address) <> 'string' OR btrim(one.address #>> '{}') = '')
  END, false) THEN
    RAISE EXCEPTION USING ERRCODE = '22023',
      MESSAGE = format('mail.to has to be an address or a list of at least one; it is %s',
        coalesce(left((send.mail -> 'to')::text, 200), 'missing')),
      HINT = 'Give "to": "ada@example.net" or "to": ["ada@example.net", "bob@example.net"].';
  END IF;
  IF send.mail ? 'from' AND jsonb_typeof(send.mail -> 'from') <> 'string' THEN
    RAISE EXCEPTION USING ERRCODE = '22023',
      MESSAGE = format('mail.from has to be an address; it is %s', left((send.mail -> 'from')::text, 200)),
      HINT = 'Give "from": "App <app@example.com>", or leave it out for the address of the account.';
  END IF;
  IF coalesce(jsonb_typeof(send.mail -> 'subject'), '') <> 'string' THEN
    RAISE EXCEPTION USING ERRCODE = '22023',
      MESSAGE = format('mail.subject has to be a text; it is %s',
        coalesce(left((send.mail -> 'subject')::text, 200), 'missing')),
      HINT = 'Give "subject": "Hello".';
  END IF;
  IF wanted_lane IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = '22023',
      MESSAGE = format('mail.lane %s is none', left((send.mail -> 'lane')::text, 200)),
      HINT = 'The lanes are "urgent", "normal" and "bulk"; without one it is "normal".';
  END IF;
  IF send.idempotency_key IS NOT NULL THEN
    IF length(send.idempotency_key) NOT BETWEEN 1 AND 256 THEN
      RAISE EXCEPTION USING ERRCODE = '22023',
        MESSAGE = format('idempotency_key has %s characters; 1 to 256 are allowed', length(send.idempotency_key)),
        HINT = 'Leave it out, or give what names the occasion, such as ''order 4711 confirmed''.';
    END IF;
    hash := encode(sha256(convert_to(body, 'UTF8')), 'hex');
    -- Waits for another transaction that has taken the key and not ended yet.
    INSERT INTO idempotency (origin, key, body_hash, id, created_at)
      VALUES (sender, send.idempotency_key, hash, new_id, sent_at) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      SELECT i.id, i.body_hash INTO STRICT earlier FROM idempotency AS i
        WHERE i.origin = sender AND i.key = send.idempotency_key;
      IF earlier.body_hash = hash THEN
        RETURN earlier.id;
      END IF;
      RAISE EXCEPTION USING ERRCODE = '23505',
        MESSAGE = format('this idempotency key came before with another message, %s', earlier.id),
        DETAIL = format('Message %s, %s', earlier.id, sender),
        HINT = 'Use a new key for a new message.';
    END IF;
  END IF;
  INSERT INTO submissions (id, lane, origin, mail, size, submitted_at, due_at, tries)
    VALUES (new_id, wanted_lane, sender, body, octet_length(body), sent_at, sent_at, 0);
  IF current_setting('postrider.notify', true) IS DISTINCT FROM 'off' THEN
    PERFORM pg_notify('postrider.' || current_schema(), 'work');
  END IF;
  RETURN new_id;
END
$send$;

REVOKE ALL ON FUNCTION send(jsonb, text) FROM PUBLIC;

DO $pin$
BEGIN
  EXECUTE format('ALTER FUNCTION send(jsonb, text) SET search_path = %I, pg_temp', current_schema());
END
$pin$;

COMMENT ON FUNCTION send(jsonb, text) IS
  'Queues a message in the transaction of the caller; what it takes is the JSON of POST /emails. Answers with the id of the message.';
`;
