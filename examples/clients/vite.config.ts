import babel from "@rolldown/plugin-babel";
import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  // Relay's tagged templates become the artifacts that relay-compiler has written.
  plugins: [babel({ plugins: ["relay"] })],
  resolve: {
    // @weft/client as it is in this repository. An application of your own needs neither line.
    conditions: ["weft-source", ...defaultClientConditions],
    dedupe: ["@apollo/client", "@urql/core", "graphql", "rxjs"],
  },
  build: {
    rolldownOptions: { input: ["index.html", "apollo/index.html", "urql/index.html", "relay/index.html"] },
  },
});
