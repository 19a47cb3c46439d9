import { walkSchema } from "./schema-walk.js";

walkSchema((_place, ids) => ids);
