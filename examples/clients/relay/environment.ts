import { Environment, type FetchFunction, type GraphQLResponse, Network, Observable, type SubscribeFunction } from "relay-runtime";
import { createLiveClient } from "../shared/live";
import { accessToken, httpUrl } from "../shared/session";

const fetchGraphQL: FetchFunction = async ({ text, name }, variables) => {
  const send = async (token: string | null): Promise<GraphQLResponse> => {
    const response = await fetch(httpUrl, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: text, operationName: name, variables }),
    });
    return (await response.json()) as GraphQLResponse;
  };
  const token = await accessToken();
  const result = await send(token);
  // Weft's clock decides whether a token has expired, not ours: renew it and retry once.
  return token !== null && isUnauthenticated(result) ? send(await accessToken(token)) : result;
};

function isUnauthenticated(result: GraphQLResponse): boolean {
  const { errors = [] } = result as { errors?: { extensions?: { code?: string } }[] };
  return errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
}

/** An environment with an empty store: one for each session. */
export function newEnvironment(): Environment {
  const live = createLiveClient();
  const subscribe: SubscribeFunction = ({ text, name }, variables) =>
    Observable.create((sink) => live.subscribe({ query: text ?? "", operationName: name, variables }, sink as never));
  return new Environment({ network: Network.create(fetchGraphQL, subscribe) });
}
