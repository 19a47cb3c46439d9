/** Middleware for Express and for what calls functions as Express does. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { WeftError } from "@weft/client";
import { problemOf, problemType, unauthenticated, type Problem } from "./problem.js";
import { createVerify, type Caller, type CallerOptions } from "./verify.js";
import { runWorkflow, type WorkflowOptions, type WorkflowResult } from "./workflow.js";

/** What the middleware adds to a request. */
export interface WeftRequest extends IncomingMessage {
  caller?: Caller;
  workflow?: WorkflowResult;
  /** Of a body parser. */
  body?: unknown;
}

export type Middleware = (request: WeftRequest, response: ServerResponse, next: (error?: unknown) => void) => void;

function answer(response: ServerResponse, problem: Problem): void {
  response.statusCode = problem.status;
  response.setHeader("content-type", problemType);
  if (problem.retryAfter !== undefined) response.setHeader("retry-after", String(problem.retryAfter));
  response.end(JSON.stringify(problem));
}

/** Does the work, then answers with its problem, or lets the next function answer. */
async function pass(work: () => Promise<Problem | null>, response: ServerResponse, next: (error?: unknown) => void): Promise<void> {
  let problem: Problem | null;
  try {
    problem = await work();
  } catch (error) {
    return next(error);
  }
  if (problem) answer(response, problem);
  else next();
}

/** Verifies the caller's access token, and puts the caller with a client on the request (`request.caller`). Answers 401 if there is none. */
export function weftCaller(options: CallerOptions): Middleware {
  const verify = createVerify(options);
  return (request, response, next) => {
    const work = async (): Promise<Problem | null> => {
      const caller = await verify(request.headers.authorization);
      if (!caller) return unauthenticated;
      request.caller = caller;
      return null;
    };
    void pass(work, response, next);
  };
}

/**
 * Starts a workflow for the request with the rights of its caller, waits for its result, and puts it on the request (`request.workflow`). Answers with a
 * problem (RFC 9457) if the workflow is rejected, fails, or takes too long. Comes after `weftCaller`.
 */
export function workflowMiddleware(options: WorkflowOptions<WeftRequest>): Middleware {
  return (request, response, next) => {
    const { caller } = request;
    // Nobody waits for the result any more.
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const work = async (): Promise<Problem | null> => {
      if (!caller) return unauthenticated;
      try {
        const result = await runWorkflow(caller.weft, request, options, gone.signal);
        if ("status" in result) return result;
        request.workflow = result;
        return null;
      } catch (error) {
        if (error instanceof WeftError) return problemOf(error);
        throw error;
      }
    };
    void pass(work, response, (error) => {
      if (!gone.signal.aborted) next(error);
    });
  };
}
