/** What a sender reads of a claimed message and its recipient. */
import type { RequiredAccess } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { readsRequest } from "@weft/platform/directory";
import { sql } from "drizzle-orm";
import type { ClaimedMessage } from "./message.store.js";

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
