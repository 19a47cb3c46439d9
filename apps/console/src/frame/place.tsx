import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { homeOf, isPlaceOf } from "./home";
import { NotFound } from "./messages";
import { useViewer } from "./viewer";

/** The page of the address, if it exists for the user. It need not wait until the user is loaded: what they cannot see, the server does not send. */
export function Place() {
  const viewer = useViewer();
  const path = useLocation({ select: ({ pathname }) => pathname });
  return viewer === null || isPlaceOf(viewer, path) ? <Outlet /> : <NotFound />;
}

/** Leads to the first page of the user. */
export function Home() {
  const viewer = useViewer();
  return viewer && <Navigate to={homeOf(viewer)} replace />;
}
