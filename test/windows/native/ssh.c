/*
 * Stands in for the ssh.exe of Windows, which no registry has: `ssh [-F FILE] -G [more] NAME` prints the file `NAME.ssh-config` that is
 * beside this program, as `ssh -G` would print it. It connects to nothing, and fails when it is asked for anything else.
 */
#include <stdio.h>
#include <string.h>

int main(int count, char **args) {
  char path[1024], line[1024];
  int asks = 0;
  for (int i = 1; i < count; i++)
    if (strcmp(args[i], "-G") == 0) asks = 1;
  char *end = strrchr(args[0], '\\');
  if (!asks || end == 0) return 255;
  *end = 0;
  snprintf(path, sizeof path, "%s\\%s.ssh-config", args[0], args[count - 1]);
  FILE *file = fopen(path, "r");
  if (file == 0) return 255;
  while (fgets(line, sizeof line, file)) fputs(line, stdout);
  return fclose(file);
}
