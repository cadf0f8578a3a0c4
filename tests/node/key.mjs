// Prints a new RSA key, in the form in which GitHub gives them out for Apps.
import { generateKeyPairSync } from "node:crypto";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
process.stdout.write(privateKey.export({ type: "pkcs1", format: "pem" }));
