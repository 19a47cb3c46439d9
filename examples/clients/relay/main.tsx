import { StrictMode, Suspense, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { ErrorBoundary } from "react-error-boundary";
import { RelayEnvironmentProvider } from "react-relay";
import { weft } from "../shared/weft";
import { newEnvironment } from "./environment";
import { Login } from "./Login";
import { Requests } from "./Requests";

function App() {
  const state = useSyncExternalStore(weft.session.subscribe, () => weft.session.state);
  return state.status === "signedIn" ? (
    <Session key={state.key}>
      <Requests />
    </Session>
  ) : (
    <Login />
  );
}

function Session({ children }: { children: React.ReactNode }) {
  const [environment] = useState(newEnvironment);
  return (
    <ErrorBoundary fallbackRender={({ error }) => <p id="problem">{String(error)}</p>}>
      <RelayEnvironmentProvider environment={environment}>
        <Suspense fallback="Loading…">{children}</Suspense>
      </RelayEnvironmentProvider>
    </ErrorBoundary>
  );
}

createRoot(document.getElementById("app") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
