// Without an import of Vite, which only ../clients installs.
export default {
  // @weft/client as it is in this repository. An application of your own needs no such line.
  resolve: { conditions: ["weft-source", "module", "browser", "development|production"] },
};
