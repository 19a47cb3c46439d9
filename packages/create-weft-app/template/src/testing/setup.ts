import { configure } from "@testing-library/react";

// On a busy computer, such as that of a CI, a screen can take more than the second that is the default.
configure({ asyncUtilTimeout: 10_000 });
