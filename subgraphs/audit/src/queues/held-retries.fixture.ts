import type { Sql } from "@weft/pg-driver";

/**
 * Keeps failed attempts from being repeated until a test makes them due. The first repetitions come after a few seconds, which a busy machine can need
 * for one step of a test. Longer delays, such as those that a receiver asks for, stay as they are.
 */
export async function holdRetries(owner: Sql, table: "events.webhook_deliveries" | "events.integration_calls"): Promise<void> {
  await owner.unsafe(`
    create function events.hold_retry() returns trigger language plpgsql as $$
      begin
        new.next_attempt_at := now() + interval '1 hour';
        return new;
      end $$;
    create trigger hold_retry before update on ${table} for each row
      when (new.status = 'PENDING' and new.claim_token is null and new.next_attempt_at > now() and new.next_attempt_at < now() + interval '1 minute')
      execute function events.hold_retry()`);
}
