import { postgres } from "@weft/pg-driver";
import { expect } from "vitest";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

const delivery =
  "weft: 1\nkey: delivery\nname: Delivery\ndata: { properties: { order: { type: string } } }\ninitial: open\nstates:\n  open: { transitions: { deliver: { to: delivered } } }\n  delivered: { final: completed }\n";

/** Parks the newest event of the tenant, as a consumer that cannot handle it would. */
async function parkNewest({ weft, tenant }: ApiStage): Promise<void> {
  await weft.weft.worker.idle();
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`insert into events.parked (tenant_id, consumer, event_id, position, attempts)
    select tenant_id, 'notifications', event_id, position, 8 from events.positions where tenant_id = ${tenant.id} order by position desc limit 1`;
  await owner.end();
}

/** How the blocks of the guide on events are run. */
export const eventSteps: readonly Step<ApiStage>[] = [
  async (query, { tenant: { admin } }) => {
    await admin.run('mutation { createBuilding(input: { code: "HQ", name: "Headquarters" }) { building { id } } }');
    expect(await admin.run(query)).toMatchObject({ events: { edges: [{ node: { type: "building.created", subjectType: "building" } }] } });
  },
  async (query, { tenant }) => {
    const { eventTypes } = await tenant.admin.run<{ eventTypes: { type: string }[] }>(query);
    expect(eventTypes).toContainEqual(expect.objectContaining({ type: "request.created", isCustom: false }));
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation)).toMatchObject({
      declareEventType: { eventType: { type: "custom.order.paid", typeVersion: 1 } },
    });
  },
  async (mutation, { tenant }) => {
    const first = await tenant.admin.run(mutation);
    expect(await tenant.admin.run(mutation)).toEqual(first);
  },
  async (query, { tenant }) => {
    await tenant.definition(delivery);
    expect(await tenant.admin.run(query)).toMatchObject({ testTrigger: { isMatch: true, outcome: "STARTED", data: { order: "A-17" } } });
  },
  async (mutation, { tenant: { admin } }) => {
    const { eventTypes } = await admin.run<{ eventTypes: { id: string | null }[] }>("{ eventTypes { id } }");
    expect(await admin.run(mutation, { id: eventTypes.at(-1)?.id })).toMatchObject({ updateEventType: { eventType: { typeVersion: 2 } } });
  },
  async (query, stage) => {
    await parkNewest(stage);
    expect(await stage.tenant.admin.run(query)).toMatchObject({ parkedEvents: { edges: [{ node: { consumer: "notifications" } }] } });
  },
  async (mutation, { tenant: { admin } }) => {
    const { parkedEvents } = await admin.run<{ parkedEvents: { edges: { node: { id: string } }[] } }>(
      "{ parkedEvents { edges { node { id } } } }",
    );
    const ids = parkedEvents.edges.map(({ node }) => node.id);
    expect(await admin.run(mutation, { ids })).toMatchObject({ retryParkedEvents: { parkedEvents: [{ status: "RETRY" }] } });
  },
];
