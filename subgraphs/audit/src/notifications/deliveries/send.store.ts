/** What a sender reads of messages, and changes. Its times are true times, not those of a sandbox's clock. */
import { channelResumedAt } from "../../queues/resumption.js";
import type { RequiredAccess } from "@weft/drizzle";
import { type Executes, named, readsRequest, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

/** Channels of one sender. */
type Channels = readonly ("EMAIL" | "CHAT" | "WEB_PUSH" | "SMS")[];

const isIn = (channels: Channels) => sql`d.channel = any(${sql.param([...channels])}::text[])`;

/**
 * Returns the active tenants that have messages to send in the channels or claims that have ended, longest waiting first. Runs as weft_worker, across all
 * tenants.
 */
export async function findTenantsWithMessages(tx: Executes, channels: Channels): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithMessages",
      sql`select d.tenant_id from audit.notification_deliveries d join identity.tenants t on t.tenant_id = d.tenant_id
        where d.next_attempt_at <= now() and ${isIn(channels)} and t.status = 'ACTIVE'
          and not exists (select from events.delivery_pauses p where p.tenant_id = d.tenant_id and p.channel = 'NOTIFICATION' and p.resumed_at is null)
        group by d.tenant_id order by min(d.next_attempt_at) limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** A message that a sender has claimed. */
export interface ClaimedMessage {
  /** ID of the message, which is that of its first delivery. */
  readonly id: string;
  /** Null if it is for a team. */
  readonly userId: string | null;
  /** Null if it is for a user. */
  readonly teamId: string | null;
  /** Null for emails. */
  readonly destinationId: string | null;
  /** Number of attempts since it was made or resent, including the current one. */
  readonly attempts: number;
  /** Number of claims. A sender that reports late has another number, and changes nothing. */
  readonly claims: number;
  /** Whether it was to be sent more than a day ago: nobody expects it any more, or it comes from a restored backup. */
  readonly isOld: boolean;
}

/** Ends claims whose sender has not reported. Whether these messages were sent is unknown, so they are not sent again. Returns the number of messages. */
export async function endLostClaims(tx: Tx, channels: Channels): Promise<number> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "endLostClaims",
      sql`with lost as (
        select d.message_id from audit.notification_deliveries d
          where d.tenant_id = app.tenant() and d.status = 'SENDING' and d.next_attempt_at <= now() and ${isIn(channels)} for update skip locked)
      update audit.notification_deliveries d set status = 'UNKNOWN', next_attempt_at = null, updated_at = now(),
          last_error = 'The process that sent it ended before the answer of the receiver.'
        from lost where d.tenant_id = app.tenant() and d.message_id = lost.message_id and d.status = 'SENDING' returning d.id`,
    ),
  );
  return rows.length;
}

/** Claims the message that has waited longest. None if the tenant was suspended since the sender found it. */
export async function claimMessage(
  tx: Tx,
  { leaseSeconds, channels }: { readonly leaseSeconds: number; readonly channels: Channels },
): Promise<ClaimedMessage | null> {
  const rows = await tx.execute<{
    id: string;
    user_id: string | null;
    team_id: string | null;
    destination_id: string | null;
    attempts: number;
    claims: number;
    is_old: boolean;
  }>(
    named(
      "claimMessage",
      sql`with next as (
        select d.id, d.message_id from audit.notification_deliveries d
          where d.tenant_id = app.tenant() and d.status = 'READY' and d.next_attempt_at <= now() and ${isIn(channels)}
           and exists (select from identity.tenants t where t.tenant_id = app.tenant() and t.status = 'ACTIVE')
           and not exists (select from events.delivery_pauses p where p.tenant_id = app.tenant() and p.channel = 'NOTIFICATION' and p.resumed_at is null)
        order by d.next_attempt_at limit 1 for update skip locked)
      update audit.notification_deliveries d set status = 'SENDING', attempts = d.attempts + 1, claims = d.claims + 1, updated_at = now(),
          next_attempt_at = case when d.id = next.id then now() + make_interval(secs => ${leaseSeconds}::int) end
        from next where d.tenant_id = app.tenant() and d.message_id = next.message_id and d.status = 'READY' returning d.message_id as id, d.user_id, d.team_id, d.destination_id, d.attempts, d.claims,
          coalesce(greatest(d.ready_at, ${channelResumedAt("NOTIFICATION")}) < now() - interval '1 day', true) as is_old`,
    ),
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { id, user_id: userId, team_id: teamId, destination_id: destinationId, attempts, claims, is_old: isOld } = row;
  return { id, userId, teamId, destinationId, attempts, claims, isOld };
}

/** Gives the claim of a message to one of its remaining deliveries, if the one that had it was ended. */
export async function keepClaim(tx: Tx, { id }: ClaimedMessage, { leaseSeconds }: { readonly leaseSeconds: number }): Promise<void> {
  await tx.execute(
    named(
      "keepClaim",
      sql`with rest as (
        select id, bool_or(next_attempt_at is not null) over () as is_claimed from audit.notification_deliveries
          where tenant_id = app.tenant() and message_id = ${id}::uuid and status = 'SENDING' order by id limit 1)
      update audit.notification_deliveries d set next_attempt_at = now() + make_interval(secs => ${leaseSeconds}::int)
        from rest where d.tenant_id = app.tenant() and d.id = rest.id and not rest.is_claimed`,
    ),
  );
}

interface Organization {
  readonly organization: string;
  readonly slug: string;
  readonly isVerifiedTenant: boolean;
  /** The addresses of its users are not trusted. */
  readonly isSelfRegistered: boolean;
  readonly plan: string;
}

/** The user who gets a message, as they are now. */
export interface Addressee extends Organization {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly locale: string | null;
  readonly isActive: boolean;
  /** Whether the user has confirmed that the address is theirs. */
  readonly isConfirmed: boolean;
}

/** The team whose chat gets a message. Its language is that of the organization. */
export interface TeamAddressee extends Organization {
  readonly userId: null;
  readonly locale: null;
  /** False if the team was deleted. */
  readonly isActive: boolean;
}

/** Returns the recipient. Null if the user no longer exists. */
export async function findAddressee(tx: Tx, userId: string): Promise<Addressee | null> {
  const [row] = await tx.execute<Addressee & Record<string, unknown>>(
    named(
      "findAddressee",
      sql`select u.id as "userId", u.email, u.name, u.locale, u.status = 'ACTIVE' as "isActive", u.email_verified_at is not null as "isConfirmed",
          t.name as organization, t.slug, t.is_verified as "isVerifiedTenant", t.is_self_registered as "isSelfRegistered", t.plan
        from identity.users u join identity.tenants t on t.tenant_id = u.tenant_id where u.tenant_id = app.tenant() and u.id = ${userId}::uuid`,
    ),
  );
  return row ?? null;
}

/** Returns the team that gets a message. Null if it does not exist. */
export async function findTeamAddressee(tx: Tx, teamId: string | null): Promise<TeamAddressee | null> {
  const [row] = await tx.execute<TeamAddressee & Record<string, unknown>>(
    named(
      "findTeamAddressee",
      sql`select null as "userId", null as locale, m.deleted_at is null as "isActive",
          t.name as organization, t.slug, t.is_verified as "isVerifiedTenant", t.is_self_registered as "isSelfRegistered", t.plan
        from identity.teams m join identity.tenants t on t.tenant_id = m.tenant_id where m.tenant_id = app.tenant() and m.id = ${teamId}::uuid`,
    ),
  );
  return row ?? null;
}

/** Returns whether the address of the user gets nothing: a mail server has refused it for good, or its owner has complained. */
export async function isSuppressed(tx: Tx, userId: string, addressHash: string): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "findMailSuppression",
      sql`select 1 from audit.mail_suppressions where tenant_id = app.tenant() and user_id = ${userId}::uuid and address_hash = ${addressHash}`,
    ),
  );
  return rows.length > 0;
}

/** A notification of a message. */
export interface MessageItem {
  readonly deliveryId: string;
  readonly kind: string;
  readonly title: string;
  readonly params: Readonly<Record<string, string>>;
  /** Further text of a rule. Empty if there is none. */
  readonly body: string;
  /**
   * Number and summary of the request, or code and name of the project, that it is about. Without the summary if the recipient cannot read the request.
   * Empty if it is about neither, and if the author of a rule has decided what it says.
   */
  readonly about: string;
  /** What a link to it opens. Null if it is about no object, and for teams. */
  readonly object: { readonly type: string; readonly id: string } | null;
  readonly isMandatory: boolean;
  readonly createdAt: string;
  /**
   * Whether the recipient can see what it is about. False for deleted requests, and if a vendor has lost the access that its user was notified with. A
   * team sees what the author of the rule has decided, unless it was deleted.
   */
  readonly isVisible: boolean;
  /** What the recipient must be able to read. Null if nothing is to be checked. */
  readonly requiredAccess: RequiredAccess | null;
}

/**
 * Whether the event of a delivery `d` is about a request or a project, or a part of one, that was deleted since, or whether this is no longer known.
 * Policies hide these rows. The deletion itself is reported.
 */
const isAboutDeleted = sql`not exists (select from events.log e where e.tenant_id = d.tenant_id and e.id = d.event_id) or exists (
            select from events.log e cross join lateral (
              select e.subject_type as type, e.subject_id as id union all select r.key, r.value::uuid from jsonb_each_text(e.related) r) o
             where e.tenant_id = d.tenant_id and e.id = d.event_id and e.type not in ('request.deleted', 'project.deleted') and case o.type
               when 'project' then not exists (select from vendors.projects s where s.tenant_id = e.tenant_id and s.id = o.id)
               when 'request' then not exists (select from requests.requests s where s.tenant_id = e.tenant_id and s.id = o.id)
               when 'requestComment' then not exists (select from requests.comments c
                 join requests.requests s on s.tenant_id = c.tenant_id and s.id = c.request_id where c.tenant_id = e.tenant_id and c.id = o.id)
               when 'instance' then not exists (select from workflows.instances s where s.tenant_id = e.tenant_id and s.id = o.id)
               when 'task' then not exists (select from workflows.tasks s where s.tenant_id = e.tenant_id and s.id = o.id)
               else false end)`;

/** Returns the notifications of a message, oldest first. */
export async function findMessageItems(tx: Tx, { id }: ClaimedMessage): Promise<MessageItem[]> {
  const rows = await tx.execute<{
    id: string;
    kind: string;
    title: string | null;
    params: Record<string, string> | null;
    body: string | null;
    about: string;
    object_type: string | null;
    object_id: string | null;
    is_mandatory: boolean;
    created_at: string;
    is_visible: boolean;
    required_access: RequiredAccess | null;
  }>(
    named(
      "findMessageItems",
      sql`select d.id, d.kind, coalesce(n.title, d.title) as title, n.params, case when n.kind = 'RULE' then n.params->>'body' else d.body end as body,
          case when d.team_id is not null or n.kind = 'RULE' then '' when r.id is not null then concat_ws(' ', r.number, case when ${readsRequest("PUBLIC")} then left(h.data->>'summary', 120) end) when p.id is not null then concat_ws(' ', p.code, p.name) else '' end as about,
          case when n.subject_type is not null and n.subject_type <> 'requestComment' then n.subject_type when d.team_id is not null then null when r.id is not null then 'request' when p.id is not null then 'project' end as object_type,
          case when n.subject_type is not null and n.subject_type <> 'requestComment' then n.subject_id else coalesce(r.id, p.id) end as object_id,
          d.is_mandatory, d.required_access, d.created_at::text as created_at,
          case when d.team_id is not null then not (${isAboutDeleted}) else n.id is not null and (u.vendor_id is null or exists (
            select from app.object_access a where a.tenant_id = d.tenant_id and a.vendor_id = u.vendor_id and a.object_id in (
              select n.subject_id union all select r.value::uuid from events.log e cross join lateral jsonb_each_text(e.related) r
                where e.tenant_id = d.tenant_id and e.id = d.event_id
              union all select (e.payload ->> 'instanceId')::uuid from events.log e where e.tenant_id = d.tenant_id and e.id = d.event_id))) end as is_visible
        from audit.notification_deliveries d
        left join identity.users u on u.tenant_id = d.tenant_id and u.id = d.user_id
        left join audit.notifications n on n.tenant_id = d.tenant_id and n.id = d.notification_id
        left join events.log e on e.tenant_id = d.tenant_id and e.id = d.event_id
        left join requests.requests r on r.tenant_id = d.tenant_id
          and r.id = coalesce(case e.subject_type when 'request' then e.subject_id end, (e.related->>'request')::uuid)
        left join workflows.instances h on h.tenant_id = d.tenant_id and h.id = r.instance_id
        left join vendors.projects p on p.tenant_id = d.tenant_id
          and p.id = coalesce(case e.subject_type when 'project' then e.subject_id end, (e.related->>'project')::uuid)
        where d.tenant_id = app.tenant() and d.message_id = ${id}::uuid and d.status = 'SENDING' order by d.created_at, d.id`,
    ),
  );
  return rows.map((row) => ({
    deliveryId: row.id,
    kind: row.kind,
    title: row.title ?? "",
    params: row.params ?? {},
    body: row.body ?? "",
    about: row.about,
    object: row.object_type === null || row.object_id === null ? null : { type: row.object_type, id: row.object_id },
    isMandatory: row.is_mandatory,
    createdAt: row.created_at,
    isVisible: row.is_visible,
    requiredAccess: row.required_access,
  }));
}

/** Records the result of a claimed message. */
export async function finishMessage(
  tx: Tx,
  { id, claims }: ClaimedMessage,
  {
    status,
    error,
    addressHash = null,
  }: { readonly status: "SENT" | "FAILED" | "UNKNOWN"; readonly error: string | null; readonly addressHash?: string | null },
): Promise<void> {
  await tx.execute(
    named(
      "finishMessage",
      sql`update audit.notification_deliveries set status = ${status}, next_attempt_at = null, last_error = ${error}, updated_at = now(),
          reason = null, sent_at = case when ${status} = 'SENT' then now() end, address_hash = ${addressHash}
        where tenant_id = app.tenant() and message_id = ${id}::uuid and status = 'SENDING' and claims = ${claims}`,
    ),
  );
}

/** Gives a claimed message back, to be tried later. One that was not tried does not count as an attempt. */
export async function postponeMessage(
  tx: Tx,
  { id, claims }: ClaimedMessage,
  { seconds, error }: { readonly seconds: number; readonly error: string },
): Promise<void> {
  await tx.execute(
    named(
      "postponeMessage",
      sql`update audit.notification_deliveries set status = 'READY', last_error = ${error}, updated_at = now(),
          next_attempt_at = case when next_attempt_at is not null then now() + make_interval(secs => ${seconds}::double precision) end
        where tenant_id = app.tenant() and message_id = ${id}::uuid and status = 'SENDING' and claims = ${claims}`,
    ),
  );
}

/** Remembers that an address gets nothing: a mail server has refused it for good, or its owner has complained. */
export async function insertSuppression(
  tx: Tx,
  { tenantId, userId, addressHash, reason }: { tenantId: string; userId: string; addressHash: string; reason: string },
): Promise<void> {
  await tx.execute(
    named(
      "insertMailSuppression",
      sql`insert into audit.mail_suppressions (tenant_id, user_id, address_hash, reason)
        values (${tenantId}::uuid, ${userId}::uuid, ${addressHash}, ${reason}) on conflict do nothing`,
    ),
  );
}

/** Forgets the refused addresses of a user. Returns their number. */
export async function deleteSuppressions(tx: Tx, userId: string): Promise<number> {
  const rows = await tx.execute(
    named(
      "deleteMailSuppressions",
      sql`delete from audit.mail_suppressions where tenant_id = app.tenant() and user_id = ${userId}::uuid returning user_id`,
    ),
  );
  return rows.length;
}

/** Makes a message ready to be sent again, with all its deliveries that were not sent. */
export async function readyAgain(tx: Tx, messageId: string): Promise<void> {
  await tx.execute(
    named(
      "readyAgain",
      sql`with unsent as (
        select id, row_number() over (order by id) as number from audit.notification_deliveries
          where tenant_id = app.tenant() and message_id = ${messageId}::uuid and status in ('FAILED', 'UNKNOWN', 'SUPPRESSED', 'BOUNCED'))
      update audit.notification_deliveries d set status = 'READY', attempts = 0, ready_at = now(), reason = null, last_error = null, updated_at = now(),
          next_attempt_at = case when unsent.number = 1 then now() end
        from unsent where d.tenant_id = app.tenant() and d.id = unsent.id`,
    ),
  );
}
