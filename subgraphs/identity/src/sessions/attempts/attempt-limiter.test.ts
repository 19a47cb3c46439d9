import { describeAttemptLimiter, testLimits } from "./attempt-limiter.fixture.js";
import { inProcessAttemptLimiter } from "./attempt-limiter.js";

describeAttemptLimiter("in one process", async (now) => inProcessAttemptLimiter(testLimits, now));
