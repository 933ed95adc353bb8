// The least that answers, as in small.py.
export const handler = async () => ({ statusCode: 200, body: "small" });
