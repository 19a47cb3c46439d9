import { WeftProvider } from "@weft/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { ErrorBoundary } from "./error-boundary";
import "./styles.css";
import { weft } from "./weft";

const root = document.getElementById("root");
if (!root) throw new Error('index.html has no element with the ID "root".');
createRoot(root).render(
  <StrictMode>
    <WeftProvider client={weft}>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </WeftProvider>
  </StrictMode>,
);
