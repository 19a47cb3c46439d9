import { weftNetwork } from "@weft/client/relay";
import { Environment, Network, Observable } from "relay-runtime";
import { weft } from "../shared/weft";

/** An environment with an empty store: one for each session. */
export const newEnvironment = (): Environment => new Environment({ network: weftNetwork(weft, { Network, Observable }) });
