import { playStory } from "./story/story.js";

const url = `http://127.0.0.1:${process.env["PORT"] ?? "4000"}`;
try {
  await playStory(url, (line) => console.log(line));
} catch (error) {
  console.error(
    error instanceof TypeError
      ? `Weft does not respond at ${url}. Start it in another terminal, with \`npx --yes pnpm start\` or \`weft start\`, or set PORT.`
      : error,
  );
  process.exitCode = 1;
}
