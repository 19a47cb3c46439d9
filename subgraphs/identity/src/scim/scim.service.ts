import type { Context } from "@weft/api/context";
import { resourceTypesAnswer, schemasAnswer, serviceProviderConfig } from "./discovery.js";
import {
  createScimGroup,
  deleteScimGroup,
  listScimGroups,
  patchScimGroup,
  readScimGroup,
  replaceScimGroup,
} from "./groups/scim-groups.service.js";
import { errorBody, notFound, refusalOf, ScimRefusal } from "./protocol/scim-refusal.js";
import type { Selection } from "./protocol/project.js";
import { baseUrlOf } from "./request.js";
import type { ScimRead, ScimResult, ScimWrite } from "./request.js";
import { ScimResponse } from "./scim.type.js";
import type { ScimMethod, ScimParametersInput, SendScimRequestInput } from "./scim.type.js";
import { createScimUser, deleteScimUser, listScimUsers, patchScimUser, readScimUser, replaceScimUser } from "./users/scim-users.service.js";

const maxPath = 200;
const maxSelection = 2_000;

interface Resources {
  readonly list: (ctx: Context, read: ScimRead) => Promise<ScimResult>;
  readonly read: (ctx: Context, read: ScimRead) => Promise<ScimResult>;
  readonly write: Readonly<Record<ScimMethod, (ctx: Context, write: ScimWrite) => Promise<ScimResult>>>;
}

const resources: Readonly<Record<string, Resources>> = {
  users: {
    list: listScimUsers,
    read: readScimUser,
    write: { POST: createScimUser, PUT: replaceScimUser, PATCH: patchScimUser, DELETE: deleteScimUser },
  },
  groups: {
    list: listScimGroups,
    read: readScimGroup,
    write: { POST: createScimGroup, PUT: replaceScimGroup, PATCH: patchScimGroup, DELETE: deleteScimGroup },
  },
};

/** Answers a request that reads. */
export function readScim(ctx: Context, path: string, parameters: ScimParametersInput): Promise<ScimResponse> {
  return answered(async () => {
    assertShort(parameters);
    const { collection, id } = partsOf(path);
    const baseUrl = baseUrlOf(ctx);
    // RFC 7644, section 4.
    if (isDiscovery(collection) && (parameters.filter ?? "") !== "") throw new ScimRefusal(403, "This list cannot be filtered.");
    switch (collection) {
      case "serviceproviderconfig":
        if (id === "") return serviceProviderConfig(baseUrl);
        throw notFound(path);
      case "resourcetypes":
        return resourceTypesAnswer(baseUrl, id);
      case "schemas":
        return schemasAnswer(baseUrl, id);
    }
    const { list, read } = resourcesOf(collection, path);
    const { filter, startIndex, count, attributes, excludedAttributes } = parameters;
    const asked = { id, filter, startIndex, count, attributes, excludedAttributes };
    return id === "" ? list(ctx, asked) : read(ctx, asked);
  });
}

/** Answers a request that changes something. */
export function writeScim(ctx: Context, { method, path, ...write }: SendScimRequestInput): Promise<ScimResponse> {
  return answered(async () => {
    assertShort(write);
    const { collection, id } = partsOf(path);
    if (collection === "bulk" || id === ".search") throw new ScimRefusal(501, `${path.slice(0, 80)} is not supported.`);
    if (isDiscovery(collection)) throw new ScimRefusal(405, `The method ${method} is not supported for this path.`);
    const { write: handlers } = resourcesOf(collection, path);
    // New resources are made in the list, and the list itself cannot be changed.
    if ((method === "POST") !== (id === "")) throw new ScimRefusal(405, `The method ${method} is not supported for this path.`);
    return handlers[method](ctx, { ...write, id });
  });
}

/** Whether a collection describes the endpoint. Nobody can change it. */
const isDiscovery = (collection: string): boolean => ["serviceproviderconfig", "resourcetypes", "schemas"].includes(collection);

/** Longer lists of attributes name nothing more. */
function assertShort({ attributes, excludedAttributes }: Selection): void {
  const longest = Math.max(attributes?.length ?? 0, excludedAttributes?.length ?? 0);
  if (longest > maxSelection)
    throw new ScimRefusal(400, `The list of attributes is longer than ${maxSelection} characters.`, "invalidValue");
}

/** Names of collections ignore case. IDs do not. */
function partsOf(path: string): { readonly collection: string; readonly id: string } {
  if (path.length > maxPath) throw notFound(path);
  const [collection = "", id = "", ...more] = path.replace(/^\/+|\/+$/g, "").split("/");
  if (more.length > 0) throw notFound(path);
  return { collection: collection.toLowerCase(), id };
}

function resourcesOf(collection: string, path: string): Resources {
  const found = Object.hasOwn(resources, collection) ? resources[collection] : undefined;
  if (!found) throw collection === "me" ? new ScimRefusal(501, "/Me is not supported.") : notFound(path);
  return found;
}

/** Turns refusals into responses, after the transaction has rolled back. Other errors are those of the API. */
async function answered(run: () => Promise<ScimResult>): Promise<ScimResponse> {
  try {
    return responseOf(await run());
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    const { status, retryAfter } = refusal;
    return responseOf({ status, body: errorBody(refusal), ...(retryAfter !== undefined && { retryAfter }) });
  }
}

const responseOf = ({ status, body, etag = "", location = "", retryAfter = null }: ScimResult): ScimResponse =>
  Object.assign(new ScimResponse(), {
    httpStatus: status,
    body,
    etag: etag === "" ? null : etag,
    location: location === "" ? null : location,
    retryAfter,
  });
