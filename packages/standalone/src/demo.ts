import { playStory } from "./story.js";

const url = `http://127.0.0.1:${process.env["PORT"] ?? "4000"}`;
try {
  await playStory(url, (line) => console.log(line));
} catch (error) {
  console.error(
    error instanceof TypeError
      ? `No Weft answers at ${url}: start it with \`npx --yes pnpm start\` in another terminal, or say PORT=….`
      : error,
  );
  process.exitCode = 1;
}
