import type { CallContext } from "@weft/shared/viewer";
import { postgres } from "@weft/pg-driver";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type KeptWeft, type TestWeft, type TestWeftOptions } from "../test-weft.js";
import { fixtureAt, makeFixture, type Fixture } from "./fixture.js";

/** A running Weft with two tenants of the same shape. */
export interface TwoTenants {
  readonly weft: TestWeft;
  /** Connection that sees everything. */
  readonly owner: postgres.Sql;
  readonly acme: Fixture;
  readonly globex: Fixture;
  stop(): Promise<void>;
}

interface Made {
  readonly kept: KeptWeft;
  readonly acme: Fixture;
  readonly globex: Fixture;
}

let made: Promise<Made> | undefined;

/** Starts Weft with a clone of two tenants, which are made once in each worker, because that takes most of a minute. */
export async function startTwoTenants(options: Omit<TestWeftOptions, "from"> = {}): Promise<TwoTenants> {
  made ??= makeTwoTenants();
  // The next file tries again.
  made.catch(() => (made = undefined));
  const { kept, ...fixtures } = await made;
  const weft = await startTestWeft({ ...options, from: kept });
  const owner = ownerOf(weft);
  const acme = await fixtureAt(fixtures.acme, weft, owner);
  const globex = await fixtureAt(fixtures.globex, weft, owner);
  return {
    weft,
    owner,
    acme,
    globex,
    async stop() {
      await owner.end();
      await weft.stop();
    },
  };
}

async function makeTwoTenants(): Promise<Made> {
  const weft = await startTestWeft({ alone: "Its database is cloned." });
  const owner = ownerOf(weft);
  const [acme, globex] = await Promise.all([
    makeFixture(await weft.tenant("Acme"), owner),
    makeFixture(await weft.tenant("Globex"), owner),
  ]);
  await owner.end();
  return { kept: await weft.keep(), acme, globex };
}

const ownerOf = ({ database }: TestWeft): postgres.Sql => postgres(database.ownerUrl, { max: 2, onnotice: () => {} });

/** Returns the context that the gateway passes to a subgraph for this person, including the computed viewer. Captures it from an actual call. */
export async function callOf({ weft }: TestWeft, user: TestUser): Promise<CallContext> {
  const identity = weft.subgraphs.find(({ name }) => name === "identity");
  if (identity === undefined) throw new Error("There is no subgraph identity.");

  const { execute } = identity;
  let heard: CallContext | undefined;
  Object.assign(identity, {
    execute: (request: Parameters<typeof execute>[0]) => {
      heard ??= request.call;
      return execute(request);
    },
  });
  try {
    await user.run("{ me { id } }");
  } finally {
    Object.assign(identity, { execute });
  }
  if (!heard?.viewer) throw new Error("The gateway did not ask identity who I am.");
  return heard;
}
