#!/usr/bin/env node
import { relative } from "node:path";
import { createApp } from "./create-app.js";
import { readOptions, usage, UsageError } from "./options.js";

try {
  const options = readOptions(process.argv.slice(2), process.cwd());
  if (options) {
    createApp(options);
    const path = relative(process.cwd(), options.folder);
    const steps = [...(path === "" ? [] : [`cd ${path.includes(" ") ? `"${path}"` : path}`]), "npm install", "npm run dev"];
    console.log(`${options.name} is created. Next:\n\n${steps.map((step) => `  ${step}\n`).join("")}\nIt expects Weft at ${options.url}.`);
  } else console.log(usage);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
