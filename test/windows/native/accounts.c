/*
 * What Wine's icacls and whoami do not do: they read and set the access lists that Wine keeps for files, with the functions that the
 * programs of Windows use. Installed under either name:
 *   icacls FILE /save OUT /q
 *   icacls FILE /inheritance:r /grant:r *SID:F
 *   whoami /user /fo csv /nh
 * Anything else fails.
 */
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <wchar.h>

static int save(const wchar_t *path, const wchar_t *out) {
  PSECURITY_DESCRIPTOR descriptor;
  LPWSTR list;
  if (GetNamedSecurityInfoW(path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, 0, 0, 0, 0, &descriptor) != 0) return 1;
  if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &list, 0))
    return 1;
  const wchar_t *name = wcsrchr(path, L'\\');
  wchar_t text[4096];
  int length = swprintf(text, 4096, L"%ls\r\n%ls\r\n", name ? name + 1 : path, list);
  if (length < 0) return 1;
  FILE *file = _wfopen(out, L"wb");
  if (file == 0) return 1;
  size_t written = fwrite(text, sizeof(wchar_t), length, file);
  return fclose(file) != 0 || written != (size_t)length;
}

static int grant(wchar_t *path, const wchar_t *sid) {
  wchar_t list[512];
  PSECURITY_DESCRIPTOR descriptor;
  swprintf(list, 512, L"D:P(A;;FA;;;%ls)", sid);
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(list, SDDL_REVISION_1, &descriptor, 0)) return 1;
  return !SetFileSecurityW(path, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, descriptor);
}

static int whoami(void) {
  HANDLE token;
  union { TOKEN_USER user; char room[256]; } found;
  DWORD length;
  LPWSTR sid;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return 1;
  if (!GetTokenInformation(token, TokenUser, &found, sizeof found, &length)) return 1;
  if (!ConvertSidToStringSidW(found.user.User.Sid, &sid)) return 1;
  return printf("\"wine\\user\",\"%ls\"\r\n", sid) < 0;
}

int wmain(int count, wchar_t **args) {
  const wchar_t *name = wcsrchr(args[0], L'\\');
  name = name ? name + 1 : args[0];
  if (_wcsnicmp(name, L"whoami", 6) == 0)
    return count == 5 && wcscmp(args[1], L"/user") == 0 ? whoami() : 2;
  if (count == 5 && wcscmp(args[2], L"/save") == 0 && wcscmp(args[4], L"/q") == 0) return save(args[1], args[3]);
  if (count == 5 && wcscmp(args[2], L"/inheritance:r") == 0 && wcscmp(args[3], L"/grant:r") == 0) {
    wchar_t *end = wcsrchr(args[4], L':');
    if (args[4][0] != L'*' || end == 0 || wcscmp(end, L":F") != 0) return 2;
    *end = 0;
    return grant(args[1], args[4] + 1);
  }
  return 2;
}
