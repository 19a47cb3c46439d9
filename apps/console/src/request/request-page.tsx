import { getRouteApi } from "@tanstack/react-router";
import { useLiveQuery } from "@weft/react";
import { numberQuery } from "./request-operations";
import { Failed, Loading, NoRequest } from "./request-states";
import { RequestView } from "./request-view";
import "./request.css";

const route = getRouteApi("/requests/$id");

/** A request by its ID or its number. */
export function RequestPage() {
  const { id } = route.useParams();
  return id.startsWith("req_") ? <RequestView key={id} id={id} /> : <RequestByNumber key={id} number={id} />;
}

function RequestByNumber({ number }: { readonly number: string }) {
  const { data, error, isLoading } = useLiveQuery(numberQuery, [], { number });
  const found = data?.requests?.edges[0]?.node.id ?? null;
  if (found !== null) return <RequestView id={found} />;
  if (isLoading) return <Loading />;
  return error === null ? <NoRequest /> : <Failed error={error} />;
}
