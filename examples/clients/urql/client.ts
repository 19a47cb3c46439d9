import { Client } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { graphcacheKeys, weftExchange } from "@weft/client/urql";
import { weft } from "../shared/weft";

/** A client with an empty cache: one for each session. */
export const newClient = (): Client =>
  // Never called: the exchange of Weft is the last one.
  new Client({ url: "weft:", preferGetMethod: false, exchanges: [cacheExchange({ keys: graphcacheKeys() }), weftExchange(weft)] });
