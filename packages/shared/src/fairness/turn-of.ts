import type { Viewer } from "../viewer/viewer.js";
import { networkOf } from "./client-network.js";

/** Whose turn an operation takes: its tenant's. Without a login it is that of the client's network, so that guessing at passwords keeps nobody else from logging in. */
export const turnOf = ({
  viewer,
  address,
}: {
  readonly viewer: Pick<Viewer, "tenantId"> | null;
  readonly address: string | null;
}): string => viewer?.tenantId ?? `network ${networkOf(address ?? "")}`;
