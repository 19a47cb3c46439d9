import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed, none } from "./payloads.js";

const id = z.uuid();
const deliveries = {
  version: 1,
  subject: "tenant",
  related: [],
  visibility: "internal",
  payload: z.strictObject({ channel: z.string(), userId: id }),
} as const;

const identityProvider = { subject: "identityProvider", version: 1, related: [], visibility: "subject" } as const;
const domain = { subject: "domain", version: 1, related: [], visibility: "subject" } as const;
const apiKey = { subject: "apiKey", version: 1, related: ["user"], visibility: "internal" } as const;

/** Events of tenants and users, and of their sessions, rights and notifications. */
export const identityEvents = byType(
  defineEvent({ type: "tenant.created", version: 1, subject: "tenant", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "tenant.updated", version: 1, subject: "tenant", related: [], visibility: "subject", payload: changed }),
  /** A new version of the configuration of the tenant, of a team, or of the platform's settings for the tenant. `changed`: paths of settings. */
  defineEvent({
    type: "configuration.changed",
    version: 1,
    subject: "tenant",
    related: ["team"],
    visibility: "subject",
    payload: z.strictObject({ level: z.string(), version: z.int().positive(), changed: z.array(z.string()) }),
  }),
  /** An administrator paused or resumed a channel of deliveries. */
  defineEvent({ ...deliveries, type: "deliveries.paused" }),
  defineEvent({ ...deliveries, type: "deliveries.resumed" }),
  /**
   * 80 % of a limit of the plan is used. Written once per window, or until usage falls below it again. The database writes it in the transaction that
   * used the limit.
   */
  defineEvent({
    type: "usage.threshold_reached",
    version: 1,
    subject: "tenant",
    related: [],
    visibility: "internal",
    payload: z.strictObject({ limit: z.string(), used: z.int(), allowed: z.int(), windowEndsAt: z.string().nullable() }),
  }),
  defineEvent({
    type: "user.created",
    version: 1,
    subject: "user",
    related: ["vendor"],
    visibility: "subject",
    payload: z.strictObject({ type: z.string() }),
  }),
  defineEvent({ type: "user.updated", version: 1, subject: "user", related: [], visibility: "subject", payload: changed }),
  defineEvent({
    type: "team.created",
    version: 1,
    subject: "team",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  defineEvent({
    type: "team.deleted",
    version: 1,
    subject: "team",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  defineEvent({ type: "team.updated", version: 1, subject: "team", related: ["user"], visibility: "subject", payload: changed }),
  defineEvent({
    type: "role.created",
    version: 1,
    subject: "role",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  defineEvent({
    type: "role.changed",
    version: 1,
    subject: "role",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }),
  }),
  defineEvent({
    type: "role.deleted",
    version: 1,
    subject: "role",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  /** The rights of a user have changed, so cached viewers of that user are dropped. */
  defineEvent({
    type: "rights.changed",
    version: 1,
    subject: "user",
    related: [],
    visibility: "internal",
    payload: z.strictObject({ userId: id }),
  }),
  defineEvent({ ...identityProvider, type: "identityProvider.created", payload: none }),
  defineEvent({ ...identityProvider, type: "identityProvider.updated", payload: changed }),
  defineEvent({ ...identityProvider, type: "identityProvider.deleted", payload: none }),
  /** A user logged in with a provider for the first time. */
  defineEvent({ ...identityProvider, type: "identityProvider.user_linked", related: ["user"], payload: z.strictObject({ userId: id }) }),
  defineEvent({ ...identityProvider, type: "identityProvider.user_unlinked", related: ["user"], payload: z.strictObject({ userId: id }) }),
  defineEvent({ ...domain, type: "domain.created", payload: z.strictObject({ name: z.string() }) }),
  /** Also when a domain was verified, or is no longer. */
  defineEvent({ ...domain, type: "domain.updated", payload: changed }),
  defineEvent({ ...domain, type: "domain.deleted", payload: z.strictObject({ name: z.string() }) }),
  defineEvent({
    type: "session.created",
    version: 1,
    subject: "session",
    related: ["user"],
    visibility: "internal",
    payload: z.strictObject({ sessionId: id, userId: id }),
  }),
  defineEvent({
    type: "session.ended",
    version: 1,
    subject: "session",
    related: ["user"],
    visibility: "internal",
    payload: z.strictObject({ sessionId: id, userId: id, reason: z.string() }),
  }),
  /** A refresh token was presented a second time, and its session was ended. */
  defineEvent({
    type: "session.refresh_reused",
    version: 1,
    subject: "session",
    related: ["user"],
    visibility: "internal",
    payload: z.strictObject({ sessionId: id, userId: id }),
  }),
  defineEvent({ ...apiKey, type: "apiKey.created", payload: none }),
  defineEvent({ ...apiKey, type: "apiKey.updated", payload: changed }),
  /** The key got a new secret. */
  defineEvent({ ...apiKey, type: "apiKey.rotated", payload: none }),
  /** The key is no longer valid, so its sockets are closed. */
  defineEvent({ ...apiKey, type: "apiKey.revoked", payload: none }),
  defineEvent({
    type: "notification.created",
    version: 1,
    subject: "notification",
    related: ["user"],
    visibility: "user",
    payload: z.strictObject({ notificationId: id, userId: id, kind: z.string() }),
  }),
  defineEvent({
    type: "notification.read",
    version: 1,
    subject: "notification",
    related: ["user"],
    visibility: "user",
    payload: z.strictObject({ notificationId: id, userId: id }),
  }),
  defineEvent({
    type: "notification.archived",
    version: 1,
    subject: "notification",
    related: ["user"],
    visibility: "user",
    payload: z.strictObject({ notificationId: id, userId: id }),
  }),
  defineEvent({
    type: "notification.all_read",
    version: 1,
    subject: "user",
    // Lets users of vendors see their own.
    related: ["user"],
    visibility: "user",
    payload: z.strictObject({ userId: id, count: z.int() }),
  }),
  defineEvent({
    type: "notification.preferences_changed",
    version: 1,
    subject: "user",
    related: [],
    visibility: "internal",
    payload: z.strictObject({ userId: id }),
  }),
  defineEvent({
    type: "notification.destinations_changed",
    version: 1,
    subject: "user",
    related: [],
    visibility: "internal",
    payload: z.strictObject({ userId: id }),
  }),
  defineEvent({
    type: "notification.team_destinations_changed",
    version: 1,
    subject: "team",
    related: [],
    visibility: "internal",
    payload: z.strictObject({ teamId: id }),
  }),
  /** Of a user, or of a team. */
  defineEvent({
    type: "notificationDelivery.resent",
    version: 1,
    subject: "notificationDelivery",
    related: ["user", "team"],
    visibility: "internal",
    payload: z.strictObject({ userId: id.optional(), teamId: id.optional() }),
  }),
  defineEvent({
    type: "notification.suppression_lifted",
    version: 1,
    subject: "user",
    related: [],
    visibility: "internal",
    payload: z.strictObject({ userId: id }),
  }),
);
