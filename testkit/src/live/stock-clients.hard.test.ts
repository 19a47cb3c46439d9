import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { cacheExchange, Client, fetchExchange } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { sharedWeft, type SharedWeft } from "../index.js";
import { type Nginx, startNginx } from "../processes/nginx.js";
import { aMaintenanceTenant, type MaintenanceRequest, type MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import { until } from "../until.js";

// The clients as they are, behind an nginx with the buffers that it has by default.

let weft: SharedWeft;
/** With nothing configured but the address of Weft. */
let plain: Nginx;
/** With the lines that WebSockets need. */
let upgrading: Nginx;
beforeAll(async () => {
  weft = await sharedWeft();
  plain = await startNginx(weft.url);
  upgrading = await startNginx(weft.url, [
    "proxy_http_version 1.1;",
    "proxy_set_header Upgrade $http_upgrade;",
    'proxy_set_header Connection "upgrade";',
  ]);
});
afterAll(async () => {
  await plain.stop();
  await upgrading.stop();
});

/** A selection over all five subgraphs. */
const text = `subscription Changes($after: String) { requestChanged(after: $after) {
  cursor
  request { id
    createdBy { name }
    assignee { __typename ... on Vendor { name } }
    workflow { state history { version } }
    auditTrail(first: 1) { edges { node { action } } }
  }
} }`;

interface Change {
  readonly requestChanged: {
    readonly request: {
      readonly id: string;
      readonly createdBy: { readonly name: string };
      readonly assignee: { readonly __typename: string; readonly name: string } | null;
      readonly workflow: { readonly state: string };
      readonly auditTrail: { readonly edges: readonly { readonly node: { readonly action: string } }[] };
    };
  };
}

/** Follows changes with a client, at this address. Returns a function that ends it. */
type Follow = (url: string, token: string, onChange: (change: Change) => void) => () => void;

const follows: Readonly<Record<string, Follow>> = {
  "graphql-ws": (url, token, onChange) => {
    const client = createSocketClient({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    client.subscribe<Change>({ query: text }, { next: ({ data }) => data && onChange(data), error: () => {}, complete: () => {} });
    return () => void client.dispose();
  },
  "graphql-sse, distinct connections": (url, token, onChange) => followBySse(url, token, onChange, { singleConnection: false }),
  "graphql-sse, a single connection": (url, token, onChange) => followBySse(url, token, onChange, { singleConnection: true }),
  "Apollo Client, multipart": (url, token, onChange) => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } })]),
    });
    const running = client.subscribe<Change>({ query: gql(text) }).subscribe({
      next: ({ data }) => data && onChange(data),
    });
    return () => {
      running.unsubscribe();
      client.stop();
    };
  },
  "urql, fetch": (url, token, onChange) => {
    const client = new Client({
      url,
      preferGetMethod: false,
      exchanges: [cacheExchange, fetchExchange],
      fetchSubscriptions: true,
      fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    });
    const running = client.subscription<Change>(text, {}).subscribe(({ data }) => data && onChange(data));
    return () => running.unsubscribe();
  },
};

function followBySse(
  url: string,
  token: string,
  onChange: (change: Change) => void,
  mode: { readonly singleConnection: boolean },
): () => void {
  const client = createSseClient({
    url,
    headers: { authorization: `Bearer ${token}` },
    ...(mode.singleConnection && { singleConnection: true }),
  });
  client.subscribe<Change>({ query: text }, { next: ({ data }) => data && onChange(data), error: () => {}, complete: () => {} });
  return () => client.dispose();
}

/** Assigns a request in turn to a vendor and to nobody, until this many changes by an assignment were seen. */
async function assignUntil(story: MaintenanceTenant, request: MaintenanceRequest, isSeen: () => boolean): Promise<void> {
  await until(
    async () => {
      await story.assign(request, null);
      await story.assign(request, { vendorId: story.vendor.id });
      return isSeen();
    },
    { what: "the client gets changes", everyMs: 200 },
  );
}

describe.each(Object.entries(follows))("%s behind nginx", (name, follow) => {
  test("gets events with a selection over five subgraphs, one by one as they happen", async () => {
    const story = await aMaintenanceTenant(weft);
    const request = await story.request("assigned");
    const changes: Change[] = [];
    const { url } = name === "graphql-ws" ? upgrading : plain;
    onTestFinished(follow(`${url}/graphql`, story.admin.token, (change) => changes.push(change)));
    await assignUntil(story, request, () => changes.some(({ requestChanged }) => requestChanged.request.assignee?.__typename === "Vendor"));
    // Nothing is kept until more follows.
    for (const vendorId of [null, story.vendor.id]) {
      await story.assign(request, vendorId === null ? null : { vendorId });
      const isSeen = (): boolean => (changes.at(-1)?.requestChanged.request.assignee === null) === (vendorId === null);
      await until(isSeen, { what: "the change has come", deadlineMs: 5_000 });
    }
    const last = changes.at(-1)?.requestChanged.request;
    expect(last).toMatchObject({
      id: request.id,
      createdBy: { name: expect.any(String) as string },
      assignee: { __typename: "Vendor", name: expect.any(String) as string },
      workflow: { state: "assigned" },
      auditTrail: { edges: [{ node: { action: expect.any(String) as string } }] },
    });
  });
});
