/*
 * Asks libfko what it makes of SPA packets. Each line of standard input is
 *
 *   MODE HMAC KEY HMACKEY PACKET
 *
 * with libfko's numbers, the keys in hexadecimal ("-" for none); each is answered by a line: libfko's error code, and when
 * that is 0 all that it has read, texts in hexadecimal ("-" for none), separated by blanks:
 *
 *   0 RAND USER TIMESTAMP VERSION TYPE MESSAGE NAT SERVERAUTH TIMEOUT DIGEST
 */
#include <fko.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE 16384

static int unhex(const char *text, char *bytes)
{
    int length = 0;
    unsigned int byte;
    if (text[0] == '-')
        return 0;
    while (sscanf(text + 2 * length, "%2x", &byte) == 1)
        bytes[length++] = (char)byte;
    bytes[length] = 0;
    return length;
}

static void put(const char *text)
{
    putchar(' ');
    if (text == NULL || text[0] == 0)
        putchar('-');
    for (; text != NULL && *text != 0; text++)
        printf("%02x", (unsigned char)*text);
}

static void answer(fko_ctx_t context)
{
    char *random = NULL, *user = NULL, *version = NULL, *message = NULL, *nat = NULL, *auth = NULL;
    time_t timestamp = 0;
    short type = -1, digest = 0;
    int timeout = 0;
    fko_get_rand_value(context, &random);
    fko_get_username(context, &user);
    fko_get_timestamp(context, &timestamp);
    fko_get_version(context, &version);
    fko_get_spa_message_type(context, &type);
    fko_get_spa_message(context, &message);
    fko_get_spa_nat_access(context, &nat);
    fko_get_spa_server_auth(context, &auth);
    fko_get_spa_client_timeout(context, &timeout);
    fko_get_spa_digest_type(context, &digest);
    put(random);
    put(user);
    printf(" %ld", (long)timestamp);
    put(version);
    printf(" %d", type);
    put(message);
    put(nat);
    put(auth);
    printf(" %d %d", timeout, digest);
}

int main(void)
{
    static char line[LONGEST_LINE], key_text[LONGEST_LINE], hmac_text[LONGEST_LINE], packet[LONGEST_LINE];
    static char key[LONGEST_LINE], hmac_key[LONGEST_LINE];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int mode, hmac, result;
        fko_ctx_t context = NULL;
        packet[0] = 0;
        if (sscanf(line, "%d %d %s %s %s", &mode, &hmac, key_text, hmac_text, packet) < 4)
            return 1;
        const int key_length = unhex(key_text, key), hmac_length = unhex(hmac_text, hmac_key);
        result = fko_new_with_data(&context, packet, key, key_length, mode, hmac == 0 ? NULL : hmac_key, hmac_length, hmac);
        printf("%d", result);
        if (result == FKO_SUCCESS) {
            answer(context);
            fko_destroy(context);
        }
        putchar('\n');
    }
    return 0;
}
