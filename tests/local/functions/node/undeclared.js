// A module in a folder that doesn't say "type": "module".
export const handler = async () => ({ statusCode: 200, body: "a module" });
