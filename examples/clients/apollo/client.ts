import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { from, switchMap } from "rxjs";
import { createLiveClient } from "../shared/live";
import { accessToken, httpUrl } from "../shared/session";

const authorize = new SetContextLink(async ({ headers }) => {
  const token = await accessToken();
  return { token, headers: { ...(headers as object), ...(token === null ? {} : { authorization: `Bearer ${token}` }) } };
});

// Weft's clock decides whether a token has expired, not ours: renew it and retry once.
const renew = new ErrorLink(({ error, operation, forward }) => {
  const token = operation.getContext()["token"] as string | null;
  const isRefused = CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
  if (isRefused && token !== null) return from(accessToken(token)).pipe(switchMap(() => forward(operation)));
});

export const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(createLiveClient()),
    ApolloLink.from([renew, authorize, new HttpLink({ uri: httpUrl })]),
  ),
  cache: new InMemoryCache(),
});
