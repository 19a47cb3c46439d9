import { composeSupergraph, createGateway, type Gateway, type InProcessFetch } from "@weft/gateway";
import { allSubgraphs, ApiClient, type ApiResult, loadExampleOperations } from "@weft/standalone";
import { type OperationDefinitionNode, parse } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "../sizes.js";
import { comparable } from "./answers.js";
import { composedApi, operationFor, rootFieldsOf } from "./api-schema.js";
import { firstOf, withIdAt } from "./attempts.js";
import { lookupCases, mutationCases, queryArguments } from "./cases.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { neverIssued, type Fixture } from "./fixture.js";

// The same installation behind two gateways, one with compiled rules and one in which graphql-shield makes all decisions. Their answers never differ.

const roots = drawn(rootFieldsOf(composedApi()), { of: 4 });
let tenants: TwoTenants;
let shield: Gateway;
let acme: Fixture;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme } = tenants);
  const { services } = tenants.weft.weft;
  const subgraphs = allSubgraphs({ rulesMode: "shield" });
  shield = await createGateway({
    ...services,
    supergraphSdl: composeSupergraph(subgraphs),
    subgraphs: subgraphs.map((subgraph) => ({ kind: "inProcess", name: subgraph.name, subgraph, services })),
  });
  await shield.listen();
});

afterAll(async () => {
  await shield.drain();
  await tenants.stop();
});

interface Operation {
  readonly name: string;
  /** Whether only the gateway calls it. */
  readonly isInternal?: boolean;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const queries = (): Operation[] =>
  roots
    .filter(({ kind, name }) => kind === "query" && !once.includes(name))
    .map((root) => {
      const [path] = root.idPaths.filter((each) => `${root.name}.${each}` in lookupCases);
      const own = path === undefined ? {} : { [path]: lookupCases[`${root.name}.${path}`]?.own(acme) };
      return {
        name: root.name,
        isInternal: root.isInternal,
        query: operationFor(root, 1),
        variables: { ...own, ...queryArguments[root.name] },
      };
    });

/**
 * Operations that a second gateway answers differently: links and mails were already used through the first one, a verification continues where the
 * last one ended, and what can be done without any argument is done again.
 */
const once: readonly string[] = [
  "login",
  "refreshSession",
  "logout",
  "sessions",
  "revokeOtherSessions",
  "requestEmailVerification",
  "requestPasswordReset",
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
  "resetPassword",
  "startSingleSignOn",
  "receiveSingleSignOn",
  "receiveSamlResponse",
  "completeSingleSignOn",
  "receiveLogoutToken",
  "sendTestNotification",
  "verifyEmail",
  "completeTaskByLink",
  "submitRequestByLink",
  "registerVendor",
  "createVendorRegistrationLink",
  "setVendorDocumentRequirements",
  "verifyAuditTrail",
  "verify-audit-trail",
];

/**
 * Returns mutations that are always refused, because they use IDs that were never issued or empty texts. Both gateways can therefore run the same
 * ones.
 */
async function mutations(): Promise<Operation[]> {
  const made: Operation[] = [];
  for (const root of roots.filter(({ kind, name }) => kind === "mutation" && !once.includes(name))) {
    const given = mutationCases[root.name];
    const input = (await given?.input(acme, given.as === undefined ? acme.admin : acme[given.as])) ?? {};
    const [path] = Object.keys(given?.ids ?? {});
    const emptied = Object.fromEntries(
      Object.entries(input).map(([key, value]) => [
        key,
        typeof value === "string" && !/^[a-z]{3}_/.test(value) && key !== "type" ? "" : value,
      ]),
    );
    const value = path === undefined ? undefined : input[path];
    const variables = value === undefined ? { input: emptied } : withIdAt(root, { input }, `input.${path}`, neverIssued(firstOf(value)));
    made.push({ name: root.name, isInternal: root.isInternal, query: operationFor(root, 1), variables });
  }
  return made;
}

async function examples(): Promise<Operation[]> {
  const operations = (await loadExampleOperations()).map(({ name, source }) => ({
    name,
    source,
    node: parse(source).definitions[0] as OperationDefinitionNode,
  }));
  return operations
    .filter(({ name, node }) => node.operation === "query" && !once.includes(name))
    .map(({ name, source }) => ({ name, query: source, variables: { id: acme.given.requestId, source: "weft: 1" } }));
}

/** Answers have at most this many errors. Of more, those that come first are shown, and the two modes decide in different orders. */
const maxErrors = 100;

const shown = ({ errors = [], ...rest }: ApiResult): string =>
  comparable(errors.length < maxErrors ? { ...rest, errors } : { ...rest, errors: [{ message: `${maxErrors} errors` }] }, []);

test("compiled rules and graphql-shield give the same results to every role, for every operation", async () => {
  const { tenant } = acme;
  const people = new Map<string, ApiClient>([
    ["nobody", new ApiClient(tenants.weft.url)],
    ["admin", acme.admin],
    ["operations", acme.operations],
    ["requester", acme.requester],
    ["vendor_user", acme.vendorUser],
  ]);
  for (const role of ["workflow_manager", "viewer", "developer"]) people.set(role, await tenant.user(role));
  const operations = [...queries(), ...(await examples()), ...(await mutations())];
  const outcomes = new Set<string>();
  for (const [role, compiled] of people) {
    const by = ({ url }: { readonly url: string }, send?: InProcessFetch): ApiClient => new ApiClient(url, compiled.accessToken, send);
    const clients = { compiled, shielded: by(shield) };
    const internally = {
      compiled: by(tenants.weft, tenants.weft.weft.gateway.internalFetch),
      shielded: by(shield, shield.internalFetch),
    };
    const differences: string[] = [];
    const waiting = [...operations];
    const work = async (): Promise<void> => {
      for (let operation = waiting.pop(); operation !== undefined; operation = waiting.pop()) {
        const { name, isInternal, query, variables } = operation;
        const both = isInternal ? internally : clients;
        const sendBoth = async (): Promise<[ApiResult, ApiResult]> => [
          await both.compiled.send(query, variables),
          await both.shielded.send(query, variables),
        ];
        let [a, b] = await sendBoth();
        // The worker changes data between two answers. A difference of the rules stays when both gateways are asked again.
        for (let again = 0; again < 3 && shown(a) !== shown(b); again++) {
          await tenants.weft.weft.worker.idle();
          [a, b] = await sendBoth();
        }
        if (shown(a) !== shown(b)) differences.push(`${role} ${name}: ${shown(a)} but shield: ${shown(b)}`);
        outcomes.add(a.errors?.[0]?.extensions?.code ?? "answered");
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
    expect(differences).toEqual([]);
  }
  // The matrix is meaningful: it contains answers and refusals of every kind.
  expect(outcomes).not.toContain("GRAPHQL_VALIDATION_FAILED");
  expect([...outcomes]).toEqual(expect.arrayContaining(["answered", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT"]));
}, 300_000);
