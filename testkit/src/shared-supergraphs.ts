import { ApolloGateway } from "@apollo/gateway";

/** What an ApolloGateway derives from a supergraph. It contains nothing of one installation. */
const derived = ["compositionId", "supergraphSdl", "supergraphSchema", "apiSchema", "schema", "queryPlanner"] as const;

/** The private members of ApolloGateway that are used here. */
interface GatewayInternals extends Record<(typeof derived)[number], unknown> {
  readonly serviceMap: Readonly<Record<string, { readonly url?: string }>>;
  readonly onSchemaLoadOrUpdateListeners: ReadonlySet<(update: { apiSchema: unknown; coreSupergraphSdl: string }) => void>;
  createServices(services: readonly { readonly name: string; readonly url?: string | undefined }[]): void;
  updateWithSupergraphSdl(update: { readonly supergraphSdl: string; readonly id: string }): Promise<void>;
}

const known = new Map<string, GatewayInternals>();
let isSharing = false;

/**
 * Parses each supergraph once per process instead of once per gateway. This takes about a third of a second, and a test run starts Weft hundreds of
 * times. Every gateway keeps its own subgraph clients and query plans.
 */
export function shareSupergraphs(): void {
  if (isSharing) return;
  isSharing = true;
  const prototype = ApolloGateway.prototype as unknown as GatewayInternals;
  // Called with the gateway as `this`, below.
  // oxlint-disable-next-line typescript/unbound-method
  const { updateWithSupergraphSdl: update } = prototype;
  if (typeof update !== "function") throw new Error("@apollo/gateway has changed: adapt shareSupergraphs to its new version.");
  prototype.updateWithSupergraphSdl = async function (this: GatewayInternals, { supergraphSdl, id }) {
    const first = known.get(id);
    if (first === undefined) {
      await update.call(this, { supergraphSdl, id });
      known.set(id, this);
      return;
    }
    this.createServices(Object.entries(first.serviceMap).map(([name, { url }]) => ({ name, url })));
    for (const member of derived) this[member] = first[member];
    for (const listener of this.onSchemaLoadOrUpdateListeners) listener({ apiSchema: this.schema, coreSupergraphSdl: supergraphSdl });
  };
}
