import module from "node:module";

// Loaded before the server. drizzle-orm's package.json has 179 kB, and node parses it anew for each of some 500 imports: from within the
// package to learn the format of the file, from outside to find it. That was a fifth of a start. Nothing is found that node would not find.

const within = "/node_modules/drizzle-orm/";
/** By the importing package and what it asks for: each may have a copy of its own. */
const found = new Map<string, module.ResolveFnOutput>();

/** `@weft/shared/dist/db/pool.js` → what is before its `dist`. */
const packageOf = (file: string): string => file.slice(0, file.lastIndexOf("/dist/") + 1);

// Since Node 22.15; an older one starts without.
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
