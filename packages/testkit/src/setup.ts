// type-graphql asks for it, although nothing emits metadata: it must be there before the first decorator runs.
import "reflect-metadata";
import { afterEach } from "vitest";
import { noteFailure } from "./file-result.js";

afterEach(({ task }) => {
  if (task.result?.state === "fail") noteFailure();
});
