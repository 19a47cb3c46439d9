import babel from "@rolldown/plugin-babel";
import { defineConfig } from "vite";

export default defineConfig({
  // Relay's tagged templates become the artifacts that relay-compiler has written.
  plugins: [babel({ plugins: ["relay"] })],
  build: {
    rolldownOptions: { input: ["index.html", "apollo/index.html", "urql/index.html", "relay/index.html"] },
  },
});
