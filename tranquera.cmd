@echo off
rem Sets up what is missing (uv, .venv, the locked packages) and hands over to the command line.
rem Needs nothing but a Python 3.11 or newer with pip. The POSIX script beside it does the same elsewhere.
setlocal
set "ROOT=%~dp0"
set "ROOT=%ROOT:~0,-1%"
set "VENV=%ROOT%\.venv"
set "PYTHON=%VENV%\Scripts\python.exe"
set "LOCK=requirements"
if "%~1"=="test" set "LOCK=requirements-dev"
if "%~1"=="install" set "LOCK=requirements-dev"
if "%~1"=="lint" set "LOCK=requirements-dev"
if "%~1"=="bench" set "LOCK=requirements-dev"
if "%~1"=="screenshots" set "LOCK=requirements-dev"

set "STAMP=%VENV%\%LOCK%.stamp"
if exist "%STAMP%" fc /b "%ROOT%\%LOCK%.lock" "%STAMP%" >nul 2>&1 && goto run

where uv >nul 2>&1 && (set "UV=uv") || (set "UV=%ROOT%\.uv\bin\uv.exe")
if not "%UV%"=="uv" if not exist "%UV%" (
    echo Preparing the installer ...
    python -m pip install --quiet --disable-pip-version-check --upgrade --target "%ROOT%\.uv" uv || exit /b 1
)
if not exist "%PYTHON%" "%UV%" venv --quiet --clear "%VENV%" || exit /b 1
echo Installing the locked packages (the first time takes a minute) ...
set "VIRTUAL_ENV=%VENV%"
"%UV%" pip sync --quiet --require-hashes --compile-bytecode "%ROOT%\%LOCK%.lock" || exit /b 1
for /f "delims=" %%d in ('"%PYTHON%" -c "import sysconfig; print(sysconfig.get_path('purelib'))"') do echo %ROOT%>"%%d\tranquera.pth"
del /q "%VENV%\*.stamp" >nul 2>&1
copy /y "%ROOT%\%LOCK%.lock" "%STAMP%" >nul

:run
if "%~1"=="test" (cd /d "%ROOT%" && "%PYTHON%" -m pytest -n 3 --dist loadgroup -m "not slow" & exit /b)
if "%~1"=="install" exit /b 0
if "%~1"=="lint" (cd /d "%ROOT%" && "%VENV%\Scripts\ruff.exe" check . && "%VENV%\Scripts\ruff.exe" format --check . && "%VENV%\Scripts\mypy.exe" && "%VENV%\Scripts\lint-imports.exe" & exit /b)
if "%~1"=="bench" (cd /d "%ROOT%" && "%PYTHON%" -m tests.benchmarks %2 %3 & exit /b)
if "%~1"=="screenshots" (cd /d "%ROOT%" && "%PYTHON%" -m tests.screenshots %2 %3 & exit /b)
if not defined TRANQUERA_TYPED set "TRANQUERA_TYPED=.\tranquera"
"%PYTHON%" -m app.cli %*
