import type { ApiResult } from "@weft/standalone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn } from "../sizes.js";
import type { TestUser } from "../test-user.js";
import { codesOf } from "./answers.js";
import { callerOf, operationFor, type RootField } from "./api-schema.js";
import { toldApart, tryIds, worthTrying } from "./attempts.js";
import { lookupCases, mutationCaseOf, queryArguments } from "./cases.js";
import { isRefusal } from "./tries.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { actorOf, filtered, fittingFilter, inputOf, lookups, mutations, ofTypeOf, ownIdAt, queries } from "./walk.js";
import type { Fixture } from "./fixture.js";

// Walks the composed schema as users who cannot see everything in their own tenant.

const unlessRefused = (error: unknown): undefined => {
  if (!isRefusal(error)) throw error;
};

let tenants: TwoTenants;
let acme: Fixture;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme } = tenants);
});

afterAll(() => tenants.stop());

/** Inputs whose objects are as they were created, because every operation with them was refused. By mutation, and by user if they depend on the user. */
const unused = new Map<string, Record<string, unknown>>();

async function unusedInput(key: string, create: () => Promise<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const input = unused.get(key) ?? (await create());
  unused.set(key, input);
  return input;
}

/** Returns variables with which a user who has the rights could run the mutation. */
const validFor = (root: RootField): Promise<Record<string, unknown>> =>
  unusedInput(root.name, async () => {
    const given = mutationCaseOf(root.name);
    return inputOf(root, await given.input(acme, await actorOf(tenants.weft, acme, given)));
  });

const keyOf = (root: RootField, actor: TestUser): string => `${root.name} ${actor.id}`;

/** A refusal for these reasons leaves the objects of the input unchanged. */
const isUntouched = (answer: ApiResult): boolean => codesOf(answer).every((code) => ["FORBIDDEN", "NOT_FOUND"].includes(code));

describe.each([
  [
    "the requester",
    "requester",
    "hiddenFromRequester",
    [
      "announceRequestActivity",
      "createRequest",
      "updateRequest",
      "submitRequest",
      "cancelRequest",
      "closeRequest",
      "reopenRequest",
      "rateVendor",
      "fireTransition",
      "commentOnWorkflow",
      "commentOnRequest",
      "editRequestComment",
      "deleteRequestComment",
      "createUpload",
      "attachFile",
      "deleteAttachment",
      "exportRequests",
      "exportBuildings",
      "exportAssets",
      "cancelExport",
      "markNotificationRead",
      "archiveNotification",
      "markAllNotificationsRead",
      "updateNotificationPreferences",
      "addNotificationDestination",
      "confirmNotificationDestination",
      "removeNotificationDestination",
      "unsubscribeFromNotifications",
      "login",
      "refreshSession",
      "updateProfile",
      "registerOrganization",
      "acceptInvitation",
      "requestEmailVerification",
      "changePassword",
      "requestPasswordReset",
      "resetPassword",
      "receiveSingleSignOn",
      "receiveSamlResponse",
      "completeSingleSignOn",
      "startSingleSignOn",
      "receiveLogoutToken",
      "completeLogin",
      "reauthenticate",
      "enrolTotp",
      "confirmTotp",
      "removeTotp",
      "regenerateRecoveryCodes",
      "startPasskeyRegistration",
      "registerPasskey",
      "renamePasskey",
      "removePasskey",
      "startPasskeyAssertion",
      "startPasskeyLogin",
      "loginWithPasskey",
      "loginWithDirectory",
      "verifyEmail",
      "completeTaskByLink",
      "submitRequestByLink",
      "registerVendor",
      "logout",
      "revokeOtherSessions",
      "revokeSession",
      "unlinkIdentity",
    ],
  ],
  [
    "the vendor's user",
    "vendorUser",
    "hiddenFromVendor",
    [
      "addVendorContact",
      "updateVendorContact",
      "removeVendorContact",
      "acceptOffer",
      "declineOffer",
      "createUpload",
      "attachFile",
      "addVendorDocument",
      "markNotificationRead",
      "archiveNotification",
      "markAllNotificationsRead",
      "updateNotificationPreferences",
      "addNotificationDestination",
      "confirmNotificationDestination",
      "removeNotificationDestination",
      "unsubscribeFromNotifications",
      "login",
      "refreshSession",
      "updateProfile",
      "registerOrganization",
      "acceptInvitation",
      "requestEmailVerification",
      "changePassword",
      "requestPasswordReset",
      "resetPassword",
      "receiveSingleSignOn",
      "receiveSamlResponse",
      "completeSingleSignOn",
      "startSingleSignOn",
      "receiveLogoutToken",
      "completeLogin",
      "reauthenticate",
      "enrolTotp",
      "confirmTotp",
      "removeTotp",
      "regenerateRecoveryCodes",
      "startPasskeyRegistration",
      "registerPasskey",
      "renamePasskey",
      "removePasskey",
      "startPasskeyAssertion",
      "startPasskeyLogin",
      "loginWithPasskey",
      "loginWithDirectory",
      "verifyEmail",
      "completeTaskByLink",
      "submitRequestByLink",
      "registerVendor",
      "logout",
      "revokeOtherSessions",
      "revokeSession",
    ],
  ],
  [
    "the caretaker of a building",
    "caretaker",
    "hiddenFromCaretaker",
    [
      "acceptInvitation",
      "attachFile",
      "cancelAuditExport",
      "cancelExport",
      "completeTaskByLink",
      "correctMeterReading",
      "createMeter",
      "createRequest",
      "createUpload",
      "deleteSpace",
      "exportAssets",
      "exportAuditEntries",
      "exportBuildings",
      "exportRequests",
      "login",
      "logout",
      "revokeOtherSessions",
      "revokeSession",
      "unlinkIdentity",
      "markNotificationRead",
      "archiveNotification",
      "markAllNotificationsRead",
      "updateNotificationPreferences",
      "addNotificationDestination",
      "confirmNotificationDestination",
      "removeNotificationDestination",
      "unsubscribeFromNotifications",
      "moveSpace",
      "recordMeterReading",
      "refreshSession",
      "registerOrganization",
      "registerVendor",
      "requestEmailVerification",
      "changePassword",
      "requestPasswordReset",
      "resetPassword",
      "receiveSingleSignOn",
      "receiveSamlResponse",
      "completeSingleSignOn",
      "startSingleSignOn",
      "receiveLogoutToken",
      "completeLogin",
      "reauthenticate",
      "enrolTotp",
      "confirmTotp",
      "removeTotp",
      "regenerateRecoveryCodes",
      "startPasskeyRegistration",
      "registerPasskey",
      "renamePasskey",
      "removePasskey",
      "startPasskeyAssertion",
      "startPasskeyLogin",
      "loginWithPasskey",
      "loginWithDirectory",
      "restoreSpace",
      "startAssetLifecycle",
      "startAuditVerification",
      "startWorkflow",
      "submitRequestByLink",
      "updateMeter",
      "updateProfile",
      "updateSpace",
      "verifyEmail",
    ],
  ],
] as const)("as %s of Acme, with hidden IDs of the same tenant", (_who, person, hidden, allowed) => {
  const own = async (root: RootField, actor: TestUser): Promise<Record<string, unknown>> => {
    const given = mutationCaseOf(root.name);
    if (given.input.length < 2) return validFor(root);
    // If the actor lacks the rights to create the input's objects, a user who has them creates them, so that the input is as valid as possible.
    return unusedInput(keyOf(root, actor), async () => {
      const input = await given.input(acme, actor).catch(unlessRefused);
      return input ? inputOf(root, input) : validFor(root);
    });
  };

  test("only the mutations intended for the role succeed", async () => {
    const succeeded: string[] = [];
    const tried = drawn(mutations, { of: 3 });
    for (const root of tried) {
      const { inOwnLogin, inOwnSession } = mutationCaseOf(root.name);
      const actor = inOwnLogin ? await acme.tenant.user("viewer") : inOwnSession ? await acme[person].again() : acme[person];
      const answer = await callerOf(root, actor).send(operationFor(root, 1), await own(root, actor));
      if (answer.errors === undefined || !isUntouched(answer) || answer.data?.[root.name])
        for (const key of [root.name, keyOf(root, actor)]) unused.delete(key);
      // A mutation that succeeded can answer with fields that are refused to the role.
      if (answer.errors === undefined || answer.data?.[root.name]) succeeded.push(root.name);
      else
        expect([root.name, ...codesOf(answer)]).toEqual([
          root.name,
          expect.stringMatching(/^(FORBIDDEN|NOT_FOUND|TRANSITION_REJECTED|BAD_USER_INPUT)$/),
        ]);
    }
    expect(succeeded.toSorted()).toEqual(
      tried
        .map(({ name }) => name)
        .filter((name) => (allowed as readonly string[]).includes(name))
        .toSorted(),
    );
  });

  test.each(
    drawn(
      mutations.filter(({ idPaths }) => idPaths.length > 0),
      { of: 10 },
    ),
  )("$name", async (root) => {
    const actor = acme[person];
    // Its rights come from the provider's signature, whoever sends it, and the two providers here have one issuer.
    if (root.name === "receiveLogoutToken") return;
    // A second factor, for example, would stop the further logins of other cases.
    const maker = mutationCaseOf(root.name).inOwnLogin ? await acme.tenant.user("viewer") : actor;
    const variables = await own(root, maker);
    for (const path of root.idPaths) {
      const attempts = await tryIds(actor, root, {
        path,
        ids: ofTypeOf(ownIdAt(acme, root, variables, path), acme[hidden]),
        variables,
      });
      expect(attempts.filter(({ answer }) => answer.errors === undefined).map(({ id }) => id)).toEqual([]);
      expect(toldApart(attempts)).toEqual([]);
    }
  });

  test.each(drawn(lookups, { of: 3 }))("$name", async (root) => {
    for (const path of root.idPaths.filter((each) => !each.startsWith("filter."))) {
      const { own: ownId, refusal, with: more } = lookupCases[`${root.name}.${path}`] ?? {};
      const ids =
        root.name === "node"
          ? acme[hidden]
          : refusal === "null"
            ? worthTrying(acme[hidden], undefined)
            : ofTypeOf(ownId?.(acme), acme[hidden]);
      const variables = { ...queryArguments[root.name], ...more?.(acme[person], acme) };
      const attempts = await tryIds(acme[person], root, { path, ids, variables });
      expect(toldApart(attempts)).toEqual([]);
    }
  });

  test.each(drawn(filtered, { of: 3 }))("filters of $name", async (root) => {
    for (const path of root.idPaths.filter((each) => each.startsWith("filter."))) {
      expect(
        toldApart(
          await tryIds(acme[person], root, {
            path,
            ids: fittingFilter(root, path, acme[hidden]),
            variables: queryArguments[root.name] ?? {},
          }),
        ),
      ).toEqual([]);
    }
  });

  test("refuses a filter on data that this user cannot read, regardless of its matches", async () => {
    for (const filter of [
      'role: { eq: "admin" }',
      `team: { in: ["${acme.teamId}"] }`,
      ...(person === "requester" ? [`vendor: { eq: "${acme.vendorId}" }`] : []),
    ]) {
      expect([filter, await acme[person].refusal(`{ users(filter: { not: { ${filter} } }) { totalCount } }`)]).toEqual([
        filter,
        "FORBIDDEN",
      ]);
    }
  });

  test("no query shows hidden data", async () => {
    for (const root of queries.filter((each) => !lookups.includes(each))) {
      const answer = await callerOf(root, acme[person]).send(operationFor(root, 2), {
        ...(root.field.args.some(({ name }) => name === "first") && { first: 100 }),
        ...queryArguments[root.name],
      });
      const text = JSON.stringify(answer);
      // Wherever one occurs oneself, one sees at which provider one's accounts are. Those of others are refused: see the answers of `User.identities`.
      const isOwn = (id: string) => !root.name.startsWith("identityProvider") && id.startsWith("idp_");
      const shown = acme[hidden].filter((id) => text.includes(id.slice(4)) && !isOwn(id));
      expect(shown.map((id) => `${root.name} shows ${id}`)).toEqual([]);
    }
  });
});

describe.each(["admin", "operations"] as const)("as %s of Acme, with the IDs of a deleted request and a deleted project", (person) => {
  /** They find what is deleted, and nothing else does. */
  const restores: readonly string[] = ["restoreRequest", "restoreProject"];
  /** The audit trail and the log of events keep everything. */
  const keeping: readonly string[] = ["auditEntries", "events", "deletedRequests", "deletedProjects"];

  test.each(
    drawn(
      mutations.filter(({ name, idPaths }) => idPaths.length > 0 && !restores.includes(name)),
      { of: 10 },
    ),
  )("$name", async (root) => {
    const actor = acme[person];
    const variables = await validFor(root);
    for (const path of root.idPaths) {
      const ids = ofTypeOf(ownIdAt(acme, root, variables, path), acme.hiddenFromAll);
      if (ids.length === 0) continue;
      const attempts = await tryIds(actor, root, { path, ids, variables });
      expect(attempts.filter(({ answer }) => answer.errors === undefined).map(({ id }) => id)).toEqual([]);
      expect(toldApart(attempts)).toEqual([]);
    }
  });

  test.each(drawn(lookups, { of: 3 }))("$name", async (root) => {
    for (const path of root.idPaths.filter((each) => !each.startsWith("filter."))) {
      const { own: ownId, refusal, with: more } = lookupCases[`${root.name}.${path}`] ?? {};
      const ids = root.name === "node" || refusal === "null" ? acme.hiddenFromAll : ofTypeOf(ownId?.(acme), acme.hiddenFromAll);
      const variables = { ...queryArguments[root.name], ...more?.(acme[person], acme) };
      expect(toldApart(await tryIds(acme[person], root, { path, ids, variables }))).toEqual([]);
    }
  });

  test("no query shows them", async () => {
    for (const root of queries.filter((each) => !lookups.includes(each) && !keeping.includes(each.name))) {
      const answer = await callerOf(root, acme[person]).send(operationFor(root, 2), {
        ...(root.field.args.some(({ name }) => name === "first") && { first: 100 }),
        ...queryArguments[root.name],
      });
      const text = JSON.stringify(answer);
      expect(acme.hiddenFromAll.filter((id) => text.includes(id.slice(4))).map((id) => `${root.name} shows ${id}`)).toEqual([]);
    }
  });
});
