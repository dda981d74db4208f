---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.cryptolib
crypto = {}

---A digest, in hex. Algorithms: `md5 sha1 sha224 sha256 sha384 sha512 sha3-256 sha3-512`.
---
---- errors: raises for an unknown algorithm
---- may switch: yes
---@param algorithm string
---@param data string
---@return string digest
function crypto.hash(algorithm, data) end

---The MD5 digest, in hex: for checksums, not for secrets.
---
---- may switch: yes
---@param data string
---@return string digest
function crypto.md5(data) end

---The SHA-1 digest, in hex: for checksums, not for secrets.
---
---- may switch: yes
---@param data string
---@return string digest
function crypto.sha1(data) end

---The SHA-256 digest, in hex.
---
---- may switch: yes
---@param data string
---@return string digest
function crypto.sha256(data) end

---The SHA-384 digest, in hex.
---
---- may switch: yes
---@param data string
---@return string digest
function crypto.sha384(data) end

---The SHA-512 digest, in hex.
---
---- may switch: yes
---@param data string
---@return string digest
function crypto.sha512(data) end

---What proves that data comes from who knows the key, in hex.
---
---- errors: raises for an unknown algorithm
---- may switch: yes
---@param algorithm string
---@param key string
---@param data string
---@return string digest
function crypto.hmac(algorithm, key, data) end

---Tells whether two secrets are the same, in a time that says nothing of where they differ.
---
---- may switch: yes
---@param a string
---@param b string
---@return boolean answer
function crypto.equal(a, b) end

---Base64; with `url` for URLs and without padding.
---
---- may switch: yes
---@param data string
---@param options? { url?: boolean }
---@return string text
function crypto.base64_encode(data, options) end

---What Base64, of either alphabet, stands for.
---
---- errors: raises for what is no Base64, with its place
---- may switch: yes
---@param text string
---@return string data
function crypto.base64_decode(text) end

---Hex, in lower case.
---
---- may switch: yes
---@param data string
---@return string text
function crypto.hex_encode(data) end

---What hex stands for.
---
---- errors: raises for what is no hex
---- may switch: yes
---@param text string
---@return string data
function crypto.hex_decode(text) end

---A random UUID, version 4.
---
---- may switch: yes
---@return string text
function crypto.uuid() end

---So many random bytes, fit for keys.
---
---- errors: raises for less than 0 and more than 1,048,576
---- may switch: yes
---@param n integer
---@return string data
function crypto.random_bytes(n) end

---A random integer between two, both included, fit for secrets.
---
---- errors: raises when `least` is more than `most`, or they are 2^48 or more apart
---- may switch: yes
---@param least integer
---@param most integer
---@return integer n
function crypto.random_int(least, most) end

---So many random characters, letters and digits or these.
---
---- errors: raises for less than 0 and more than 1,048,576 characters and an alphabet of less than 2
---- may switch: yes
---@param n integer
---@param alphabet? string
---@return string text
function crypto.random_string(n, alphabet) end

---A random password of 20 characters, or so many, with lower and upper case, digits and, unless `symbols` is false, symbols.
---
---- errors: raises for less than 8 and more than 1,024 characters
---- may switch: yes
---@param n? integer
---@param options? { symbols?: boolean }
---@return string password
function crypto.generate_password(n, options) end

---A key of 32 or so many bytes from a password, through scrypt. The same salt gives the same key: keep it beside what is encrypted.
---
---- errors: raises for less than 16 and more than 64 bytes
---- may switch: yes
---@param password string
---@param salt string
---@param bytes? integer
---@return string key
function crypto.derive_key(password, salt, bytes) end

---Encrypts with AES-GCM: Base64 of a new nonce, the data and the tag that tells whether somebody changed it. `aad` is proved too, and not in it.
---
---- errors: raises for a key that has not 16, 24 or 32 bytes
---- may switch: yes
---@param data string
---@param key string
---@param options? { aad?: string }
---@return string text
function crypto.aes_encrypt(data, key, options) end

---Decrypts what `aes_encrypt` gave.
---
---- errors: raises for another key, what was changed, and a key that has not 16, 24 or 32 bytes
---- may switch: yes
---@param text string
---@param key string
---@param options? { aad?: string }
---@return string data
function crypto.aes_decrypt(text, key, options) end
