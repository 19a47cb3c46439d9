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
  response.end(JSON.stringify(problem));
}

/** Verifies the caller's access token, and puts the caller with a client on the request (`request.caller`). Answers 401 if there is none. */
export function weftCaller(options: CallerOptions): Middleware {
  const verify = createVerify(options);
  return (request, response, next) => {
    verify(request.headers.authorization).then((caller) => {
      if (!caller) return answer(response, unauthenticated);
      request.caller = caller;
      next();
    }, next);
  };
}

/**
 * Starts a workflow for the request with the rights of its caller, waits for its result, and puts it on the request (`request.workflow`). Answers with a
 * problem (RFC 9457) if the workflow is rejected, fails, or takes too long. Comes after `weftCaller`.
 */
export function workflowMiddleware(options: WorkflowOptions<WeftRequest>): Middleware {
  return (request, response, next) => {
    const { caller } = request;
    if (!caller) return answer(response, unauthenticated);
    const left = new AbortController();
    response.once("close", () => left.abort());
    runWorkflow(caller.weft, request, options, left.signal).then(
      (result) => {
        if ("status" in result) return answer(response, result);
        request.workflow = result;
        next();
      },
      (error: unknown) => {
        if (left.signal.aborted) return;
        if (error instanceof WeftError) answer(response, problemOf(error));
        else next(error);
      },
    );
  };
}
