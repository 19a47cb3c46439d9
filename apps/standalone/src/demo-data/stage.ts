import { type DemoLogin, demoLogins } from "@weft/shared/demo";
import type { ApiClient } from "../api-client.js";
import { Actor } from "./actor.js";
import { createPlaces } from "./places.js";
import type { Random } from "./random.js";

/** The users and objects of stories: Acme's users by the part of their email before the `@`, and seeded objects by code. */
export interface Stage {
  readonly random: Random;
  as(login: string): Actor;
  readonly vendorId: string;
  readonly teams: ReadonlyMap<string, string>;
  readonly buildings: ReadonlyMap<string, string>;
  readonly assets: ReadonlyMap<string, string>;
  /** Base URL of the local substitute for a provider of language models. Absent: the demo has no agents. */
  readonly modelsUrl?: string | undefined;
}

interface Found {
  readonly vendors: { edges: { node: { id: string } }[] };
  readonly teams: { edges: { node: { id: string; key: string } }[] };
  readonly buildings: { edges: { node: { id: string; code: string; assets: { edges: { node: { id: string; tag: string } }[] } } }[] };
}

/** Logs in Acme's users, completes its buildings, and looks up the objects. `api` is an anonymous client. */
export async function setStage(api: ApiClient, random: Random): Promise<Stage> {
  const actors = new Map<string, Actor>();
  // One after another, because checking a password takes a core.
  for (const login of demoLogins.filter(({ tenantSlug }) => tenantSlug === "acme"))
    actors.set(login.email.slice(0, login.email.indexOf("@")), await logIn(api, login));
  const as = (login: string): Actor => {
    const actor = actors.get(login);
    if (actor === undefined) throw new Error(`The demo has no user ${login}@acme.com.`);
    return actor;
  };
  await createPlaces(as("admin").api);
  const { vendors, teams, buildings } = await as("admin").api.run<Found>(
    `query DemoStage { vendors(first: 1) { edges { node { id } } } teams(first: 50) { edges { node { id key } } }
      buildings(first: 50) { edges { node { id code assets(first: 50) { edges { node { id tag } } } } } } }`,
  );
  const [vendor] = vendors.edges;
  if (vendor === undefined) throw new Error("Acme has no vendor.");
  return {
    random,
    as,
    vendorId: vendor.node.id,
    teams: new Map(teams.edges.map(({ node }) => [node.key, node.id])),
    buildings: new Map(buildings.edges.map(({ node }) => [node.code, node.id])),
    assets: new Map(buildings.edges.flatMap(({ node }) => node.assets.edges.map((asset) => [asset.node.tag, asset.node.id]))),
  };
}

/** Logs in a user of the demo. `api` is an anonymous client. */
export async function logIn(api: ApiClient, { email, password }: DemoLogin): Promise<Actor> {
  const { login } = await api.run<{ login: { accessToken: string; user: { id: string } } }>(
    "mutation DemoLogin($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken user { id } } }",
    { login: email, password },
  );
  return new Actor(login.user.id, api.as(login.accessToken));
}
