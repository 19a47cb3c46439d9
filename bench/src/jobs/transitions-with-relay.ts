import { CallBatches } from "@weft/engine";
import { startRelay } from "@weft/platform/events";
import { inProcessPubSub } from "@weft/platform/pubsub";
import type { Services } from "@weft/platform/services";
import type { postgres } from "@weft/pg-driver";
import { closedLoop } from "../harness/load/closed-loop.js";
import { spentSeconds } from "../harness/processor-time.js";
import type { Contestant } from "../harness/rounds.js";
import { type EngineTenant, submitAndWait } from "../harness/tenants/engine-tenant.js";

const inFlight = 100;

export interface TransitionNames {
  readonly alone: string;
  readonly relayed: string;
}

/** Transitions in batches, as fast as possible, alone and while the relay numbers and publishes their events. */
export function transitionContestants(
  { alone, relayed }: TransitionNames,
  { databases, log }: Pick<Services, "databases" | "log">,
  owner: postgres.Sql,
  { tenant, forMs, settle }: { readonly tenant: EngineTenant; readonly forMs: number; readonly settle: () => Promise<void> },
): Contestant[] {
  const batches = new CallBatches(databases.app);
  const mine = Math.floor(tenant.instanceIds.length / inFlight);
  const loop = () =>
    closedLoop(inFlight, forMs, (worker, turn) =>
      submitAndWait(databases.app, batches, tenant, {
        firing: { id: tenant.instanceIds[worker + inFlight * (turn % mine)] ?? "", transition: "swing", actor: tenant.actor },
      }),
    );
  const waiting = async (): Promise<number> => {
    const [row] = await owner<{ count: number }[]>`select count(*)::int as count from events.outbox where tenant_id = ${tenant.tenantId}`;
    return row?.count ?? Number.NaN;
  };
  const positions = async (): Promise<number> => {
    const [row] = await owner<
      { count: number }[]
    >`select coalesce(max(position), 0)::int as count from events.positions where tenant_id = ${tenant.tenantId}`;
    return row?.count ?? Number.NaN;
  };
  /** Numbers the events that an earlier round has left. */
  const drain = async (): Promise<void> => {
    const pubsub = inProcessPubSub();
    const relay = await startRelay({ databases, pubsub, consumers: [], log });
    await relay.idle();
    await relay.stop();
    await pubsub.close();
  };
  return [
    {
      name: alone,
      run: async () => {
        await drain();
        await settle();
        const before = await spentSeconds(owner);
        const { done, perSecond } = await loop();
        const spent = (await spentSeconds(owner)) - before;
        if ((await waiting()) !== done) throw new Error(`${done} transitions were accepted, and ${await waiting()} events wait.`);
        return { "transitions/s": perSecond, "transitions per processor second": done / spent };
      },
    },
    {
      name: relayed,
      run: async () => {
        await drain();
        await settle();
        const from = await positions();
        const pubsub = inProcessPubSub();
        const relay = await startRelay({ databases, pubsub, consumers: [], log });
        const before = await spentSeconds(owner);
        const { done, perSecond } = await loop();
        const behind = await waiting();
        await relay.idle();
        await relay.stop();
        const spent = (await spentSeconds(owner)) - before;
        await pubsub.close();
        const numbered = (await positions()) - from;
        if (numbered !== done) throw new Error(`${done} transitions were accepted, and ${numbered} events were numbered.`);
        return { "transitions/s": perSecond, "transitions per processor second": done / spent, "events behind": behind };
      },
    },
  ];
}
