import module from "node:module";

// Loaded before the server. drizzle-orm's package.json has 179 kB, and Node.js parses it again for each of about 500 imports: from within the package
// to learn the module format, and from outside to resolve it. That took a fifth of a start. Resolution gives the same results as Node.js.

const within = "/node_modules/drizzle-orm/";
/** By importing package and specifier, because each package can have its own copy. */
const found = new Map<string, module.ResolveFnOutput>();

/** `@weft/platform/dist/db/pool.js` → the part before its `dist`. */
const packageOf = (file: string): string => file.slice(0, file.lastIndexOf("/dist/") + 1);

// Available since Node.js 22.15. Older versions start without it.
module.registerHooks?.({
  resolve(specifier, context, next) {
    const { parentURL: parent, conditions } = context;
    if (parent === undefined || !conditions.includes("import")) return next(specifier, context);
    if (parent.includes(within)) {
      if (!specifier.startsWith(".") || !specifier.endsWith(".js")) return next(specifier, context);
      return { url: new URL(specifier, parent).href, format: "module", shortCircuit: true };
    }
    if (!specifier.startsWith("drizzle-orm") || packageOf(parent) === "") return next(specifier, context);
    const key = `${packageOf(parent)} ${specifier}`;
    const known = found.get(key);
    if (known) return { ...known, shortCircuit: true };
    const result = next(specifier, context);
    found.set(key, result);
    return result;
  },
});
